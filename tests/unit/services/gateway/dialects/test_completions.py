import json
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given, settings

from services.gateway.dialects.completions.dialect import COMPLETIONS
from services.gateway.domain.errors import RequestRefused
from services.gateway.domain.streaming.reply import Reply
from tests.support.dialects.outputs import RID, USAGE, Told, answers, head, written


def serving(data: bytes, kind: str = "text/event-stream") -> openai.OpenAI:
    """Official SDK; it reads `data` for every request."""

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": kind}, content=data)

    client = httpx2.Client(transport=httpx2.MockTransport(answer))
    return openai.OpenAI(api_key="k", http_client=client, max_retries=0)


@settings(max_examples=60, deadline=None)
@given(answers(tools=False))
def test_the_sdk_reads_what_was_written(told: Told) -> None:
    with serving(written(told, COMPLETIONS.frames(head()))) as client:
        chunks = list(client.completions.create(model="m", prompt="Hi", stream=True))
    assert "".join(chunk.choices[0].text for chunk in chunks) == "".join(told.content)
    assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == "stop"


def test_usage_comes_once_and_only_when_asked_for() -> None:
    told = Told(content=["Hi"])
    with serving(written(told, COMPLETIONS.frames(head(include_usage=True)))) as client:
        usages = [chunk.usage for chunk in client.completions.create(model="m", prompt="Hi", stream=True)]
    assert [usage.total_tokens for usage in usages if usage] == [42]
    assert b'"usage"' not in written(told, COMPLETIONS.frames(head()))


def test_a_whole_completion_is_what_the_sdk_expects() -> None:
    with serving(COMPLETIONS.whole(head(), Reply("Hello", "length", USAGE)), "application/json") as client:
        whole = client.completions.create(model="m", prompt="Hi")
    assert (whole.id, whole.object, whole.choices[0].text) == (RID, "text_completion", "Hello")
    assert whole.choices[0].finish_reason == "length"


def raw(**fields: object) -> Any:  # noqa: ANN401 - a JSON value
    return COMPLETIONS.read({"model": "m", **fields}).raw


@pytest.mark.parametrize("prompt", ["Hi", ["Hi"]])
def test_a_prompt_is_a_question(prompt: object) -> None:
    assert raw(prompt=prompt)["messages"] == [{"role": "user", "content": "Hi"}]


def test_the_wishes_of_a_chat_go_along() -> None:
    told = raw(prompt="Hi", max_tokens=5, stop=["x"], temperature=0.1, stream=True)
    assert json.loads(json.dumps(told)) == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
        "max_tokens": 5,
        "stop": ["x"],
        "temperature": 0.1,
        "stream": True,
    }


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"prompt": ["a", "b"]}, "prompt"),
        ({"prompt": [1, 2]}, "prompt"),
        ({}, "prompt"),
        ({"prompt": "a", "suffix": "b"}, "suffix"),
        ({"prompt": "a", "echo": True}, "echo"),
        ({"prompt": "a", "n": 2}, "n"),
        ({"prompt": "a", "best_of": 2}, "best_of"),
        ({"prompt": "a", "logprobs": 3}, "logprobs"),
        ({"prompt": "a", "stream_options": {"include_usage": True}}, "stream_options"),
        ({"prompt": "a", "max_tokens": 0}, "max_tokens"),
    ],
)
def test_a_refusal_names_the_field(fields: dict[str, object], param: str) -> None:
    with pytest.raises(RequestRefused) as caught:
        COMPLETIONS.read({"model": "m", **fields})
    assert (caught.value.error.status, caught.value.error.param) == (400, param)
