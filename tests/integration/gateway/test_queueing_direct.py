"""Direct requests that wait for a permit of their model server, over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from libs.contracts.records import RequestLogged
from libs.testing.model_server import Reply, Rule, error_reply
from libs.testing.waiting import eventually
from services.gateway.admission.queue import AdmissionQueue
from services.gateway.admission.queued_requests import QueueLimits
from tests.support.cluster import started
from tests.support.direct_gateway import WEATHER, DirectGateway, DirectSetting, direct_gateway

CHAT: dict[str, object] = {
    "model": "moe-orchestrator",
    "messages": [{"role": "user", "content": "Weather?"}],
    "tools": [WEATHER],
    "stream": True,
}
MESSAGES = {**CHAT, "tools": [{"name": "weather", "input_schema": {"type": "object"}}], "max_tokens": 100}
RESPONSES = {
    "model": "moe-orchestrator",
    "input": "Weather?",
    "stream": True,
    "tools": [{"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {}}}],
}


def queue_of(direct: DirectGateway) -> AdmissionQueue:
    assert direct.proxy.queues is not None
    return direct.proxy.queues.queue_of("scripted").queue


async def waiting_in(direct: DirectGateway, count: int) -> None:
    await eventually(lambda: len(queue_of(direct)) == count, within_s=30)


@asynccontextmanager
async def busy_gateway(
    folder: Path, *rules: Rule, limits: QueueLimits | None = None
) -> AsyncIterator[tuple[DirectGateway, asyncio.Event, list[asyncio.Task[httpx.Response]]]]:
    """Run a gateway whose two permits are in use; yield the event that lets their model answer."""
    released = asyncio.Event()
    held = (Rule(Reply("held", released=released), user="^held$"), *rules, Rule(Reply("free")))
    async with direct_gateway(DirectSetting(folder, queue=limits or QueueLimits(most=50)), *held) as direct:
        holding = [started(direct.ask("held", stream=True)) for _ in range(2)]
        await eventually(lambda: queue_of(direct).admission.open == 2, within_s=30)
        try:
            yield direct, released, holding
        finally:
            released.set()
            await asyncio.gather(*holding)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_burst_is_answered_and_each_client_has_its_own_answer(tmp_path: Path, *, stream: bool) -> None:
    setting = DirectSetting(tmp_path, queue=QueueLimits(most=50), slots=2)
    async with direct_gateway(setting, Rule(Reply(lambda prompt: f"You said {prompt.user}."))) as direct:
        answers = await asyncio.gather(*(direct.ask(f"number{i}", stream=stream) for i in range(30)))
        for number, answer in enumerate(answers):
            assert answer.status_code == 200
            assert f"number{number}" in answer.text
        assert (len(queue_of(direct)), queue_of(direct).admission.open, direct.proxy.admission.open) == (0, 0, 0)


@pytest.mark.parametrize(
    ("path", "body", "prefix"),
    [
        ("/v1/chat/completions", CHAT, "chatcmpl-"),
        ("/v1/messages", MESSAGES, "msg_"),
        ("/v1/responses", RESPONSES, "resp_"),
        ("/api/chat", CHAT, "chatcmpl-"),
    ],
)
async def test_a_stream_begins_at_once_and_shows_its_position(
    tmp_path: Path, path: str, body: dict[str, object], prefix: str
) -> None:
    async with (
        busy_gateway(tmp_path) as (direct, released, _),
        direct.gateway.client.stream("POST", path, json=body) as response,
    ):
        assert response.status_code == 200
        assert response.headers["x-request-id"].startswith(prefix)
        lines = response.aiter_lines()
        first = await anext(lines)
        assert first == ": queue position 1" if path != "/api/chat" else json.loads(first)["queue_position"] == 1
        released.set()
        assert "free" in "".join([line async for line in lines])


async def test_a_stream_whose_model_is_busy_begins_while_others_wait(tmp_path: Path) -> None:
    released = asyncio.Event()
    setting = DirectSetting(tmp_path, queue=QueueLimits(most=50), server_permits=1)
    async with (
        direct_gateway(setting, Rule(Reply("late", released=released))) as direct,
        asyncio.TaskGroup() as group,
    ):
        streamed = direct.gateway.client.stream("POST", "/v1/chat/completions", json=CHAT)
        beginning = group.create_task(streamed.__aenter__())
        await eventually(lambda: queue_of(direct).admission.open == 1, within_s=30)
        waiting = group.create_task(direct.ask())
        response = await beginning  # its model has not answered yet
        assert (response.status_code, released.is_set()) == (200, False)
        released.set()
        assert "late" in "".join([text async for text in response.aiter_text()])
        assert (await waiting).status_code == 200
        await streamed.__aexit__(None, None, None)


async def test_a_client_that_leaves_while_it_waits_leaves_no_record(tmp_path: Path) -> None:
    async with busy_gateway(tmp_path) as (direct, released, _):
        waiting = [started(direct.ask(stream=stream)) for stream in (True, False)]
        await waiting_in(direct, 2)
        for task in waiting:
            task.cancel()
        await waiting_in(direct, 0)
        released.set()
        await direct.logged(2)
        await eventually(lambda: direct.proxy.admission.open == 0, within_s=30)
        assert len(direct.gateway.fleet.all(RequestLogged)) == 2
        assert len(direct.models.calls) == 2


async def test_what_the_server_refuses_after_the_beginning_of_a_stream_is_an_event_of_it(tmp_path: Path) -> None:
    async with busy_gateway(tmp_path, Rule(error_reply(500, "oh"), user="^wrong$")) as (direct, released, _):
        waiting = started(direct.ask("wrong", stream=True))
        await waiting_in(direct, 1)
        released.set()
        response = await waiting
        assert response.status_code == 200
        assert '"code":"model_failed"' in response.text
        assert "[DONE]" not in response.text


async def test_a_full_queue_rejects_and_leaves_no_record(tmp_path: Path) -> None:
    async with busy_gateway(tmp_path, limits=QueueLimits(most=1)) as (direct, released, _):
        waiting = started(direct.ask())
        await waiting_in(direct, 1)
        rejected = await direct.ask(stream=True)
        assert (rejected.status_code, rejected.json()["error"]["code"]) == (503, "overloaded")
        assert int(rejected.headers["retry-after"]) >= 1
        released.set()
        assert (await waiting).status_code == 200
        await direct.logged(3)
        assert len(direct.gateway.fleet.all(RequestLogged)) == 3


async def test_a_gateway_that_stops_rejects_what_waits(tmp_path: Path) -> None:
    async with busy_gateway(tmp_path) as (direct, released, _):
        waiting = started(direct.ask())
        await waiting_in(direct, 1)
        draining = asyncio.get_running_loop().create_task(direct.proxy.drain(30))
        rejected = await waiting
        assert (rejected.status_code, rejected.json()["error"]["code"]) == (503, "stopping")
        assert int(rejected.headers["retry-after"]) >= 1
        released.set()
        await draining


async def test_an_erasure_ends_the_wait_of_its_request(tmp_path: Path) -> None:
    async with busy_gateway(tmp_path) as (direct, _, _holding):
        waiting = started(direct.ask())
        await waiting_in(direct, 1)
        queues = direct.proxy.queues
        assert queues is not None
        queues.end_erased(queues.refs())
        rejected = await waiting
        assert (rejected.status_code, rejected.json()["error"]["code"]) == (404, "erased")


async def test_a_repetition_whose_first_request_fails_takes_no_second_permit(tmp_path: Path) -> None:
    wrong = Rule(error_reply(500, "oh"), user="^wrong$", times=1)
    async with busy_gateway(tmp_path, wrong) as (direct, released, holding):
        body = {**CHAT, "stream": False, "messages": [{"role": "user", "content": "wrong"}]}
        post = partial(direct.gateway.client.post, "/v1/chat/completions", json=body, headers={"idempotency-key": "k1"})
        both = [started(post()) for _ in range(2)]
        await waiting_in(direct, 2)
        released.set()
        await asyncio.gather(*holding)
        assert sorted([(await each).status_code for each in both]) == [200, 502]
        assert (queue_of(direct).admission.open, direct.proxy.admission.open) == (0, 0)


async def test_a_stream_that_is_being_answered_needs_no_permit(tmp_path: Path) -> None:
    endless = Rule(Reply("one " * 20, piece_delay_s=0.3), user="^long$")
    async with direct_gateway(DirectSetting(tmp_path, queue=QueueLimits(most=50)), endless) as direct:
        long = [started(direct.ask("long", stream=True)) for _ in range(2)]
        await eventually(lambda: (direct.proxy.admission.open, queue_of(direct).admission.open) == (2, 0), within_s=30)
        for task in long:
            task.cancel()
