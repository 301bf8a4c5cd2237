"""Direct requests: the body for the model, the response to the client, and the record."""

import json
from pathlib import Path

import orjson
import pytest

from libs.contracts.model_call import Usage
from libs.contracts.question import QuestionAsked
from libs.core.token_counts import tokens_of
from libs.ports.llm import TokenUsage
from libs.testing.model_server import Reply, Rule
from libs.testing.model_server.script import ToolUse
from services.gateway.domain.body.chat import ChatMessageBody
from services.gateway.domain.question.internal_prompts import internal_prompt
from tests.support.direct_gateway import JUDGE, SEEING, WEATHER, DirectSetting, direct_gateway
from tests.support.sse import read_stream

TITLE = Path(__file__).parents[2] / "fixtures" / "clients" / "open-webui" / "title.json"
SAYS = Rule(Reply("It is sunny.", usage=TokenUsage(11, 3)))
CALLS = Rule(Reply(tool_calls=(ToolUse("weather", '{"city":"Bonn"}'), ToolUse("weather", '{"city":"Kiel"}'))))
PICTURE = [
    {"type": "text", "text": "What is this?"},
    {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}},
]


async def test_tools_go_to_the_tool_model_and_not_to_the_fleet(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), SAYS) as direct:
        reply = (await direct.ask()).json()
        assert reply["choices"][0]["message"]["content"] == "It is sunny."
        assert (direct.models.calls[0].model, direct.gateway.fleet.all(QuestionAsked)) == (JUDGE.model, [])


async def test_the_answer_names_our_response_and_the_model_that_was_asked_for(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), SAYS) as direct:
        response = await direct.ask()
        body = response.json()
        assert (body["id"], body["model"]) == (response.headers["x-request-id"], "moe-orchestrator")
        assert body["id"].startswith("chatcmpl-")
        assert response.headers["x-moe-experts"] == f"{JUDGE.model}@scripted"


async def test_parallel_calls_are_streamed_with_their_ids_and_indexes(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), CALLS) as direct:
        stream = await read_stream(await direct.ask(stream=True))
        choices = [chunk["choices"][0]["delta"] for chunk in stream.chunks]
        firsts = [call for delta in choices for call in delta.get("tool_calls", []) if "id" in call]
        assert [call["index"] for call in firsts] == [0, 1]
        assert (stream.finish_reasons, stream.done) == (["tool_calls"], True)


async def test_a_result_of_a_tool_goes_to_the_tool_model(tmp_path: Path) -> None:
    messages = [
        {"role": "user", "content": "Weather?"},
        {
            "role": "assistant",
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "w", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "sunny"},
    ]
    async with direct_gateway(DirectSetting(tmp_path), SAYS) as direct:
        assert (await direct.ask(messages=messages, tools=None)).status_code == 200
        assert direct.models.calls[0].model == JUDGE.model


async def test_a_format_goes_to_the_tool_model(tmp_path: Path) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "city", "schema": {"type": "object"}}}
    async with direct_gateway(DirectSetting(tmp_path), Rule(Reply("{}"), output_format="json_schema")) as direct:
        assert (await direct.ask(tools=None, response_format=form)).json()["choices"][0]["message"]["content"] == "{}"


async def test_images_go_to_the_model_that_sees(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), SAYS) as direct:
        await direct.ask(tools=None, messages=[{"role": "user", "content": PICTURE}])
        assert direct.models.calls[0].model == SEEING.model


async def test_without_a_model_that_sees_images_are_refused(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path, vision=None), SAYS) as direct:
        response = await direct.ask(tools=None, messages=[{"role": "user", "content": PICTURE}])
        assert (response.status_code, response.json()["error"]["code"]) == (400, "no_vision_model")


async def test_a_model_of_a_node_is_asked_as_it_is_named(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), SAYS) as direct:
        body = (await direct.ask(model="any/thing:7b@scripted", tools=None)).json()
        assert (direct.models.calls[0].model, body["model"]) == ("any/thing:7b", "any/thing:7b@scripted")


@pytest.mark.parametrize("model", ["m@elsewhere", "@scripted"])
async def test_a_node_that_is_not_there_is_not_found(tmp_path: Path, model: str) -> None:
    async with direct_gateway(DirectSetting(tmp_path), SAYS) as direct:
        assert (await direct.ask(model=model)).status_code == 404


async def test_a_prompt_that_the_client_wrote_goes_to_the_judge(tmp_path: Path) -> None:
    body = json.loads(TITLE.read_text())["body"]
    assert internal_prompt([ChatMessageBody.model_validate(message) for message in body["messages"]]) == "title"
    async with direct_gateway(DirectSetting(tmp_path), SAYS) as direct:
        assert (await direct.gateway.client.post("/v1/chat/completions", json=body)).status_code == 200
        assert (await direct.logged()).why == "internal-prompt"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_request_and_its_call_are_recorded_once(tmp_path: Path, stream: bool) -> None:
    async with direct_gateway(DirectSetting(tmp_path), SAYS) as direct:
        response = await direct.ask("Is it sunny?", stream=stream)
        await response.aread()
        logged = await direct.logged()
        assert (logged.input, logged.answer, logged.outcome) == ("Is it sunny?", "It is sunny.", "answered")
        assert (logged.expert_models_used, logged.model) == ((f"{JUDGE.model}@scripted::direct",), "moe-orchestrator")
        assert logged.call is not None
        assert logged.usage == logged.call.usage == Usage(prompt_tokens=11, completion_tokens=3)
        assert logged.response_id == logged.envelope.response_id == response.headers["x-request-id"]


async def test_a_request_is_priced_as_what_serves_it_and_told_as_it_was_named(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), SAYS) as direct:
        assert (await direct.ask(model="claude-opus-5-5-free")).json()["model"] == "claude-opus-5-5-free"
        logged = await direct.logged()
        assert (logged.model, logged.account.priced_as) == ("claude-opus-5-5-free", "claude-*")


async def test_the_usage_is_counted_although_the_client_does_not_ask(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), Rule(Reply(lambda prompt: str(prompt.include_usage)))) as direct:
        stream = await read_stream(await direct.ask(stream=True))
        assert ([chunk for chunk in stream.chunks if "usage" in chunk], stream.text) == ([], "True")


async def test_the_usage_comes_once_where_the_client_asks(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), SAYS) as direct:
        stream = await read_stream(await direct.ask(stream=True, stream_options={"include_usage": True}))
        assert [chunk["usage"]["total_tokens"] for chunk in stream.chunks if "usage" in chunk] == [14]
        assert stream.chunks[-1]["choices"] == []


async def test_what_the_server_does_not_count_is_estimated(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), Rule(Reply("It is sunny.", usage_place="never"))) as direct:
        await read_stream(await direct.ask("12345678", stream=True))
        call, prompt = await direct.call(), tokens_of(8 + len(orjson.dumps([WEATHER])))
        assert (call.usage_estimated, call.usage) == (True, Usage(prompt_tokens=prompt, completion_tokens=3))


@pytest.mark.parametrize("model", ["moe-orchestrator", "any@scripted"])
async def test_no_model_is_sent_an_address_to_fetch(tmp_path: Path, model: str) -> None:
    part = {"type": "image_url", "image_url": {"url": "http://10.0.0.1/cat.png"}}
    async with direct_gateway(DirectSetting(tmp_path, vision=SEEING), SAYS) as direct:
        response = await direct.ask(model=model, messages=[{"role": "user", "content": [part]}])
        assert (response.status_code, response.json()["error"]["code"]) == (400, "remote_media_not_allowed")
        assert not direct.models.calls


async def test_an_operator_may_let_models_fetch(tmp_path: Path) -> None:
    part = {"type": "image_url", "image_url": {"url": "http://10.0.0.1/cat.png"}}
    async with direct_gateway(DirectSetting(tmp_path, vision=SEEING, fetch=True), SAYS) as direct:
        await direct.ask(messages=[{"role": "user", "content": [part]}])
        assert direct.models.calls[0].model == SEEING.model
