"""Retrieval of direct responses: by OpenAI's client, in any protocol, on any gateway."""

import time
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from libs.core.ids import new_response_id
from libs.ports.llm import TokenUsage
from libs.testing.model_server import Reply, Rule
from libs.testing.model_server.script import Fault, ToolUse
from tests.support.cluster import ADA, BOB, THEIRS, Cluster, Gateway, with_key
from tests.support.direct_cluster import MODEL, WEATHER, sdk, two_gateways
from tests.support.direct_gateway import DirectSetting, direct_gateway

SAYS = Rule(Reply("It is sunny.", reasoning="Let me see.", usage=TokenUsage(11, 3)))
CALLS = Rule(Reply("One moment.", tool_calls=(ToolUse("weather", '{"city":"Bonn"}'), ToolUse("weather", "{}"))))
CHAT_TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    monkeypatch.setattr("services.gateway.lookup.direct_lookup.ON_ITS_WAY_S", 20.0)  # as long as a machine may pause
    return Cluster(tmp_path)


async def asked(client: openai.AsyncOpenAI, **fields: Any) -> Any:  # noqa: ANN401 - the client's overloads
    return await client.responses.create(model=MODEL, input="What is the weather?", tools=[WEATHER], **fields)


async def chat(instance: Gateway, key: str = ADA) -> httpx.Response:
    body = {"model": MODEL, "messages": [{"role": "user", "content": "Weather?"}], "tools": [CHAT_TOOL]}
    return await instance.client.post("/v1/chat/completions", json=body, headers=with_key(key))


async def chatted(instance: Gateway, key: str = ADA) -> str:
    return (await chat(instance, key)).headers["x-request-id"]


@pytest.mark.parametrize("rule", [SAYS, CALLS])
async def test_a_response_is_the_same_when_it_is_asked_for_again(cluster: Cluster, rule: Rule) -> None:
    async with two_gateways(cluster, rule) as (one, other, models), sdk(one) as client, sdk(other) as elsewhere:
        made = await asked(client, metadata={"a": "b"}, instructions="Be brief.")
        shown = [await each.responses.retrieve(made.id) for each in (client, elsewhere)]
        assert [each.model_dump(exclude={"output_text"}) for each in shown] == [made.model_dump()] * 2
        assert (len(models.calls), made.metadata) == (1, {"a": "b"})


@pytest.mark.parametrize("stream", [False, True])
async def test_a_response_tells_when_it_was_complete(cluster: Cluster, *, stream: bool) -> None:
    async with two_gateways(cluster, SAYS) as (one, other, _), sdk(one) as client, sdk(other) as elsewhere:
        before = time.time()
        made: Any = await asked(client, stream=stream)
        if stream:
            first, *_, last = [event async for event in made]
            assert first.response.completed_at is None
            made = last.response
        assert int(before) <= made.completed_at <= time.time()
        assert (await elsewhere.responses.retrieve(made.id)).completed_at == made.completed_at


async def test_the_calls_of_a_stream_are_shown_with_the_ids_that_it_had(cluster: Cluster) -> None:
    async with two_gateways(cluster, CALLS) as (one, other, _), sdk(one) as client, sdk(other) as elsewhere:
        told: list[Any] = [event async for event in await asked(client, stream=True)]
        made = told[-1].response
        shown = await elsewhere.responses.retrieve(made.id)
        assert shown.model_dump(exclude={"output_text"}) == made.model_dump()
        assert [item.type for item in shown.output] == ["message", "function_call", "function_call"]


async def test_what_was_asked_in_another_protocol_is_shown_as_a_response(cluster: Cluster) -> None:
    async with two_gateways(cluster, SAYS) as (one, other, _):
        response_id = await chatted(one)
        shown = (await other.get(response_id, **with_key(ADA))).json()
    assert (shown["id"], shown["status"], shown["output_text"]) == (response_id, "completed", "It is sunny.")
    assert shown["usage"]["total_tokens"] == 14


async def test_an_answer_is_known_before_the_log_has_it(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path, outbox_runs=False), SAYS) as direct:
        response_id = (await direct.ask()).json()["id"]
        shown = await direct.gateway.client.get(f"/v1/responses/{response_id}")
        assert shown.json()["output_text"] == "It is sunny."


async def test_a_long_text_is_shown_whole(cluster: Cluster) -> None:
    text = "sun " * 20_000
    async with two_gateways(cluster, Rule(Reply(text))) as (one, other, _):
        response_id = await chatted(one)
        assert (await other.get(response_id, **with_key(ADA))).json()["output_text"] == text


async def test_what_is_too_long_to_be_kept_is_told_so(cluster: Cluster) -> None:
    async with two_gateways(cluster, Rule(Reply("s" * 260_000))) as (one, other, _):
        response_id = await chatted(one)
        shown = await other.get(response_id, **with_key(ADA))
    assert (shown.status_code, shown.json()["error"]["code"]) == (404, "response_not_kept")


async def test_a_failure_is_shown_as_it_was_told(cluster: Cluster) -> None:
    async with two_gateways(cluster, Rule(Reply("It is", fault=Fault("hang_up")))) as (one, other, _):
        told = await chat(one)
        shown = (await other.get(told.headers["x-request-id"], **with_key(ADA))).json()
    assert (shown["status"], shown["output"]) == ("failed", [])
    error = told.json()["error"]
    assert (shown["error"]["type"], shown["error"]["message"]) == (error["code"], error["message"])


@pytest.mark.parametrize("key", [BOB, THEIRS])
async def test_nobody_is_shown_what_another_person_was_answered(
    cluster: Cluster, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.gateway.lookup.direct_lookup.ON_ITS_WAY_S", 0.1)  # to them nothing ever is
    async with two_gateways(cluster, SAYS) as (one, other, _):
        response_id = await chatted(one)
        for instance in (one, other):
            for seen in (
                await instance.get(response_id, **with_key(key)),
                await instance.client.post(f"/v1/responses/{response_id}/cancel", headers=with_key(key)),
            ):
                assert (seen.status_code, seen.json()["error"]["code"]) == (404, "response_not_found")


async def test_an_admin_of_the_tenant_is_shown_it(cluster: Cluster) -> None:
    async with two_gateways(cluster, SAYS) as (one, other, _):
        assert (await other.get(await chatted(one))).status_code == 200


async def test_an_id_that_nobody_had_is_unknown(cluster: Cluster) -> None:
    async with two_gateways(cluster, SAYS) as (one, other, _):
        response_id = await chatted(one)
        theirs = new_response_id(0, 1_790_000_000.0)
        assert [(await other.get(each)).status_code for each in (response_id, theirs)] == [200, 404]


async def test_cancelling_after_the_end_returns_the_end(cluster: Cluster) -> None:
    async with two_gateways(cluster, SAYS) as (one, other, _), sdk(one) as client, sdk(other) as elsewhere:
        made = await asked(client)
        assert (await elsewhere.responses.cancel(made.id)).output_text == "It is sunny."


async def test_it_is_not_streamed_again(cluster: Cluster) -> None:
    async with two_gateways(cluster, SAYS) as (one, other, _), sdk(one) as client, sdk(other) as elsewhere:
        made = await asked(client)
        with pytest.raises(openai.BadRequestError, match="cannot be streamed again"):
            await elsewhere.responses.retrieve(made.id, stream=True)


async def test_a_stream_that_runs_is_shown_and_ended_on_its_own_gateway(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.gateway.lookup.direct_lookup.ON_ITS_WAY_S", 0.1)  # elsewhere nothing is on its way
    slow = Rule(Reply("It is sunny in Bonn.", piece_delay_s=60))
    async with two_gateways(cluster, slow) as (one, other, models), sdk(one) as client, sdk(other) as elsewhere:
        stream: Any = await asked(client, stream=True)
        response_id = (await anext(aiter(stream))).response.id
        running = await client.responses.retrieve(response_id)
        with pytest.raises(openai.NotFoundError):
            await elsewhere.responses.retrieve(response_id)
        ended = await client.responses.cancel(response_id)
        last = [event async for event in stream][-1]
        await models.log.wait_ended(1)
    assert (running.status, ended.status) == ("in_progress", "cancelled")
    assert (last.type, last.response.error.type) == ("response.failed", "cancelled")
