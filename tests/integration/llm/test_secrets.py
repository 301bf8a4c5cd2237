"""Keys go to their server and nowhere else; prompts too."""

import logging

import pytest
from pydantic import SecretStr

from libs.adapters.models.openai_chat import open_llm
from libs.contracts.staffing import ModelRef
from libs.ports.llm import ChatMessage, ModelRequest
from libs.runtime.settings.inference_servers import InferenceServer
from libs.testing.model_server import Fault, ModelServer, Reply, Rule, chat_request
from tests.support.call_outcomes import FAST, outcome

TEXT = "one two three"


async def test_the_key_of_a_server_is_sent_to_it() -> None:
    async with ModelServer([Rule(Reply(TEXT))], api_key="sk-right") as server:
        for key, accepted in (("sk-right", True), ("sk-wrong", False)):
            entry = InferenceServer("scripted", server.url, token=SecretStr(key))
            async with open_llm([entry]) as llm:
                _, error = await outcome(llm, chat_request("hello"), stream=False)
                assert (error is None) is accepted


KEY, PROMPT = "sk-very-secret-key", "my very private question"
ECHO = f'{{"error":{{"message":"{PROMPT} {KEY}","code":"{KEY}","type":"{PROMPT}"}}}}'.encode()


@pytest.mark.parametrize(
    "reply",
    [
        *(Reply(status=status, raw=ECHO) for status in (400, 401, 404, 429, 500, 503)),
        Reply(raw=b"data: " + ECHO + b"\n\n", content_type="text/event-stream"),
        *(Reply(PROMPT, fault=Fault(kind, after=1)) for kind in ("malformed", "truncate", "reset", "hang_up")),
    ],
)
async def test_neither_key_nor_prompt_reaches_an_error_or_a_log(reply: Reply, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    request = ModelRequest(ModelRef(model="m", server="scripted"), (ChatMessage("user", PROMPT),), timeout_s=5)
    async with ModelServer([Rule(reply)]) as server:
        entry = InferenceServer("scripted", server.url, token=SecretStr(KEY))
        async with open_llm([entry], retry=FAST) as llm:
            errors = [(await outcome(llm, request, stream=stream))[1] for stream in (False, True)]

    assert any(errors)
    written = caplog.text + "".join(f"{error}{error!r}{error.__cause__!r}" for error in errors if error)
    assert KEY not in written
    assert PROMPT not in written
