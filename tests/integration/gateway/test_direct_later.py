"""Direct background responses: accepted at once, retrieved from any gateway, and ended by any."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai
import pytest

from libs.contracts.direct import DirectOpened
from libs.contracts.records import RequestLogged
from libs.core.ids import response_id_in
from libs.ports.llm import TokenUsage
from libs.testing.fake_key_values import FakeKeyValues
from libs.testing.model_server import Reply, Rule, error_reply
from libs.testing.model_server.script import ToolUse
from libs.testing.waiting import eventually
from tests.support.cluster import ADA, BOB, THEIRS, Cluster
from tests.support.direct_cluster import MODEL, WEATHER, sdk, two_gateways

CALL = ToolUse("weather", '{"city":"Bonn"}')
SOON = Rule(Reply("One moment.", tool_calls=(CALL,), delay_s=0.5, usage=TokenUsage(11, 3)))
NEVER = Rule(Reply("It is sunny.", delay_s=60))


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)


async def begun(client: openai.AsyncOpenAI, **fields: Any) -> Any:  # noqa: ANN401 - the client's overloads
    asked = {"model": MODEL, "input": "Weather?", "tools": [WEATHER], "background": True, **fields}
    return await client.responses.create(**asked)


async def until(client: openai.AsyncOpenAI, response_id: str, status: str) -> Any:  # noqa: ANN401
    async def found() -> Any:  # noqa: ANN401
        shown = await client.responses.retrieve(response_id)
        return shown if shown.status == status else None

    return await eventually(found, within_s=30, look_every_s=0.02)


async def test_it_is_queued_runs_and_is_shown_whole_on_any_gateway(cluster: Cluster) -> None:
    released = asyncio.Event()
    held = Rule(replace(SOON.reply, released=released))
    async with two_gateways(cluster, held) as (one, other, _), sdk(other) as elsewhere:
        async with sdk(one) as client:
            queued = await begun(client, metadata={"a": "b"})
            here = await client.responses.retrieve(queued.id)
        there = await elsewhere.responses.retrieve(queued.id)
        assert (queued.status, here.status, there.status) == ("queued", "in_progress", "in_progress")
        assert (queued.output, there.background, there.metadata) == ([], True, {"a": "b"})
        released.set()
        done = await until(elsewhere, queued.id, "completed")
    assert [item.type for item in done.output] == ["message", "function_call"]
    assert (done.output_text, done.output[1].arguments, done.usage.total_tokens) == ("One moment.", CALL.arguments, 14)


@pytest.mark.parametrize("where", [0, 1])
async def test_it_is_cancelled_from_any_gateway_long_before_it_is_over(cluster: Cluster, where: int) -> None:
    async with (
        two_gateways(cluster, NEVER) as (*gateways, models),
        sdk(gateways[0]) as client,
        sdk(gateways[where]) as canceller,
    ):
        queued = await begun(client)
        await models.log.wait_started(1)
        cancelled = await canceller.responses.cancel(queued.id)
        assert (cancelled.status, cancelled.output) == ("cancelled", [])
        await models.log.wait_ended(1)
        assert models.calls[0].disconnected
        assert (await client.responses.retrieve(queued.id)).status == "cancelled"
        assert (await canceller.responses.cancel(queued.id)).status == "cancelled"


@pytest.mark.parametrize("key", [BOB, THEIRS])
async def test_nobody_else_sees_it_or_ends_it(cluster: Cluster, key: str) -> None:
    async with two_gateways(cluster, NEVER) as (one, other, models), sdk(one, ADA) as client:
        queued = await begun(client)
        await models.log.wait_started(1)
        for instance in (one, other):
            async with sdk(instance, key) as other_client:
                for ask in (
                    other_client.responses.retrieve,
                    other_client.responses.cancel,
                    other_client.responses.delete,
                ):
                    with pytest.raises(openai.NotFoundError):
                        await ask(queued.id)
        assert (await client.responses.retrieve(queued.id)).status == "in_progress"
        await client.responses.cancel(queued.id)


async def test_a_stream_whose_client_leaves_goes_on(cluster: Cluster) -> None:
    slow = Rule(Reply("It is sunny in Bonn today.", piece_delay_s=0.1))
    async with two_gateways(cluster, slow) as (one, other, _), sdk(other) as elsewhere:
        async with sdk(one) as client:
            stream = await begun(client, stream=True)
            response_id = (await anext(aiter(stream))).response.id
            await stream.close()
        done = await until(elsewhere, response_id, "completed")
    assert done.output_text == "It is sunny in Bonn today."


async def test_a_stream_is_told_whole_to_who_stays(cluster: Cluster) -> None:
    async with two_gateways(cluster, SOON) as (one, _, _), sdk(one) as client:
        told: list[Any] = [event async for event in await begun(client, stream=True)]
    assert (told[-1].type, told[-1].response.output[1].name) == ("response.completed", "weather")


async def test_its_stream_is_not_taken_up_again(cluster: Cluster) -> None:
    async with two_gateways(cluster, NEVER) as (one, other, _), sdk(one) as client, sdk(other) as elsewhere:
        queued = await begun(client)
        with pytest.raises(openai.BadRequestError, match="cannot be streamed again"):
            await elsewhere.responses.retrieve(queued.id, stream=True, starting_after=3)
        await client.responses.cancel(queued.id)


async def test_nobody_goes_on_from_what_has_not_ended(cluster: Cluster) -> None:
    async with two_gateways(cluster, NEVER) as (one, other, _), sdk(one) as client, sdk(other) as elsewhere:
        queued = await begun(client)
        for each in (client, elsewhere):
            with pytest.raises(openai.BadRequestError, match="has not ended"):
                await begun(each, previous_response_id=queued.id)
        await client.responses.cancel(queued.id)
        with pytest.raises(openai.BadRequestError, match="no answer"):
            await begun(client, previous_response_id=queued.id)


async def test_a_conversation_goes_on_from_what_was_answered_in_the_background(cluster: Cluster) -> None:
    async with two_gateways(cluster, SOON) as (one, other, models), sdk(one) as client, sdk(other) as elsewhere:
        queued = await begun(client)
        done = await until(client, queued.id, "completed")
        call_id: str = done.output[1].call_id
        result: Any = {"type": "function_call_output", "call_id": call_id, "output": "sunny"}
        await elsewhere.responses.create(model=MODEL, input=[result], previous_response_id=queued.id)
    assert [each.content for each in models.calls[-1].messages] == ["Weather?", "One moment.", "sunny"]


class SlowNotes(FakeKeyValues):
    """Store that stores a conversation only on request."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.released = asyncio.Event(), asyncio.Event()

    async def put(self, name: str, value: bytes, life_s: int, *, under: Sequence[str] = ()) -> None:
        if ":conversation:" in name:
            self.asked.set()
            await self.released.wait()
        await super().put(name, value, life_s, under=under)


async def test_what_is_complete_can_be_gone_on_from(cluster: Cluster) -> None:
    cluster.notes = notes = SlowNotes()
    async with two_gateways(cluster, Rule(Reply("It is sunny."))) as (one, other, models), sdk(one) as client:
        queued = await begun(client)
        await notes.asked.wait()
        assert (await client.responses.retrieve(queued.id)).status == "in_progress"
        notes.released.set()
        await until(client, queued.id, "completed")
        async with sdk(other) as elsewhere:
            going_on: Any = {"model": MODEL, "input": "And tomorrow?", "tools": [WEATHER]}
            await elsewhere.responses.create(**going_on, previous_response_id=queued.id)
    assert [each.content for each in models.calls[-1].messages] == ["Weather?", "It is sunny.", "And tomorrow?"]


async def test_a_failure_of_the_model_is_told_to_who_comes_back(cluster: Cluster) -> None:
    async with two_gateways(cluster, Rule(error_reply(500, "no"))) as (one, _, _), sdk(one) as client:
        failed = await until(client, (await begun(client)).id, "failed")
    assert failed.error.type == "model_failed"


async def test_it_is_recorded_once(cluster: Cluster) -> None:
    async with two_gateways(cluster, SOON) as (one, _, _), sdk(one) as client:
        queued = await begun(client)
        await until(client, queued.id, "completed")
        await cluster.wait_for(RequestLogged)
    assert [each.response_id for each in cluster.all(RequestLogged)] == [response_id_in(queued.id)]
    assert [each.envelope.response_id for each in cluster.all(DirectOpened)] == [response_id_in(queued.id)]
    assert _left(cluster.folder) == []


async def test_a_gateway_that_stops_tells_that_it_ended_the_call(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.gateway.admission.queue.CLOSING_S", 20.0)
    monkeypatch.setattr("services.gateway.direct.proxy.OUTBOX_DRAIN_S", 20.0)
    async with two_gateways(cluster, NEVER) as (_, other, models), sdk(other) as client:
        queued = await begun(client)
        await models.log.wait_started(1)
    record = await cluster.wait_for(RequestLogged)
    assert (record.response_id, record.outcome) == (response_id_in(queued.id), "failed")
    assert record.direct is not None
    assert record.direct.failure is not None
    assert record.direct.failure.code == "stopping"


async def test_the_same_request_under_its_key_is_the_same_response(cluster: Cluster) -> None:
    async with two_gateways(cluster, NEVER) as (one, other, models), sdk(one) as client, sdk(other) as elsewhere:
        headers = {"idempotency-key": "k-1"}
        first = await begun(client, extra_headers=headers)
        again = await begun(elsewhere, extra_headers=headers)
        await models.log.wait_started(1)
        assert (again.id, models.log.in_flight) == (first.id, 1)
        await client.responses.cancel(first.id)


def _left(folder: Path) -> list[Path]:
    return [path for path in folder.glob("direct/*/open/*") if path.is_file()]
