"""With a broker that loses records: a request is stored before it is accepted, and an end before it is sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import httpx
import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from libs.contracts.progress import RequestCancelled, RequestOpened
from libs.contracts.question import QuestionAsked
from libs.contracts.records import FeedbackGiven, KnowledgeOffered
from libs.core.errors import Retryable
from libs.ports.answers import ResponseState
from libs.ports.write_ahead import Contribution
from libs.testing.waiting import eventually
from services.gateway.assembly.stores import RecordingLookup, WriteAhead
from services.gateway.lookup.responses import ResponseLookup
from services.gateway.pipeline.app_context import AppContext
from tests.support.gateway import Fleet, GatewayHarness, answering, open_gateway, pending_replies_for


@dataclass
class Store:
    """Write-ahead store in memory. `away` names what it cannot store now; a cleared gate delays its answers."""

    away: tuple[type[Message], ...] = ()
    kept: list[Message] = field(default_factory=list)
    waiting: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def record_request(self, opened: RequestOpened) -> None:
        await self._keep(opened)

    async def record_end(self, finished: AnswerFinished) -> None:
        await self._keep(finished)

    async def record_contribution(self, contribution: Contribution) -> None:
        await self._keep(contribution)

    async def delete_request(self, opened: RequestOpened) -> None:
        self.kept = [message for message in self.kept if message.envelope.request != opened.envelope.request]

    async def _keep(self, message: Message) -> None:
        if isinstance(message, self.away):
            raise Retryable("the store is away")
        self.waiting += 1
        await self.gate.wait()
        self.waiting -= 1
        self.kept.append(message)


@asynccontextmanager
async def gateway_with(store: Store, *, refusing: tuple[type[Message], ...] = ()) -> AsyncIterator[GatewayHarness]:
    pending_replies = pending_replies_for(512, record_end=WriteAhead(store).record_end)
    async with open_gateway(
        answering("Four."), pending_replies=pending_replies, acceptance=store, alter=_finding
    ) as gateway:
        gateway.fleet.refusing = refusing
        yield gateway


def _finding(front: AppContext) -> AppContext:
    """Let responses be found, so that they can be rated."""
    assert isinstance(front.publisher, Fleet)
    return replace(front, lookup=ResponseLookup(front.pending_replies, front.publisher, None, settled_after_s=60))


async def until_waiting(store: Store) -> None:
    await eventually(lambda: store.waiting, within_s=30)


async def test_a_request_and_its_end_are_kept() -> None:
    store = Store()
    async with gateway_with(store) as gateway:
        response = await gateway.ask()
    opened, ended = store.kept
    assert isinstance(opened, RequestOpened)
    assert isinstance(ended, AnswerFinished)
    assert {opened.envelope.response_id, ended.envelope.response_id} == {response.json()["id"]}


@pytest.mark.parametrize("stream", [False, True])
async def test_nothing_is_said_to_a_client_before_its_request_is_kept(*, stream: bool) -> None:
    store = Store()
    store.gate.clear()
    async with gateway_with(store) as gateway, asyncio.TaskGroup() as group:
        asking = group.create_task(gateway.ask(stream=stream))
        await until_waiting(store)
        await gateway.fleet.wait_for(QuestionAsked)  # the log has it by now, and may have its end
        assert not asking.done()
        store.gate.set()
    assert asking.result().status_code == 200


CONTRIBUTING = ("/v1/feedback", "/v1/memory/ingest")


async def contribute(gateway: GatewayHarness, path: str, response_id: str) -> httpx.Response:
    feedback = {"response_id": response_id, "rating": 1}
    memory = {"session_summary": "We moved."}
    return await gateway.client.post(path, json=feedback if path == "/v1/feedback" else memory)


@pytest.mark.parametrize("path", CONTRIBUTING)
async def test_what_clients_contribute_is_acknowledged_when_it_is_kept_and_not_before(path: str) -> None:
    store = Store()
    async with gateway_with(store) as gateway, asyncio.TaskGroup() as group:
        response_id = (await gateway.ask()).json()["id"]
        store.gate.clear()
        contributing = group.create_task(contribute(gateway, path, response_id))
        await until_waiting(store)
        assert not contributing.done()
        store.gate.set()
    assert contributing.result().status_code in {200, 202}
    assert store.kept[-1] is gateway.fleet.published[-1]


@pytest.mark.parametrize("path", CONTRIBUTING)
async def test_what_cannot_be_kept_is_not_acknowledged(path: str) -> None:
    store = Store(away=(FeedbackGiven, KnowledgeOffered))
    async with gateway_with(store) as gateway:
        refused = await contribute(gateway, path, (await gateway.ask()).json()["id"])
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "not_accepted")


@pytest.mark.parametrize("path", CONTRIBUTING)
async def test_what_the_log_refused_is_not_kept(path: str) -> None:
    store = Store()
    async with gateway_with(store, refusing=(FeedbackGiven, KnowledgeOffered)) as gateway:
        refused = await contribute(gateway, path, (await gateway.ask()).json()["id"])
    assert refused.status_code == 503
    assert not [message for message in store.kept if isinstance(message, FeedbackGiven | KnowledgeOffered)]


async def test_an_end_is_told_when_it_is_kept_and_not_before() -> None:
    store = Store()
    async with gateway_with(store) as gateway, asyncio.TaskGroup() as group:

        async def held(fleet: Fleet, question: QuestionAsked) -> None:
            store.gate.clear()
            await answering("Four.")(fleet, question)

        gateway.fleet.react = held
        asking = group.create_task(gateway.ask())
        await gateway.fleet.wait_for(QuestionAsked)
        await until_waiting(store)
        assert not asking.done()
        store.gate.set()
    assert "Four." in asking.result().text


@pytest.mark.parametrize("stream", [False, True])
async def test_a_request_that_cannot_be_kept_is_refused_and_the_one_on_the_log_is_cancelled(*, stream: bool) -> None:
    store = Store(away=(RequestOpened,))
    async with gateway_with(store) as gateway:
        gateway.fleet.react = None
        response = await gateway.ask(stream=stream)
        assert (response.status_code, response.json()["error"]["code"]) == (503, "not_accepted")
        assert int(response.headers["retry-after"]) > 0
        (opened,) = gateway.fleet.all(RequestOpened)
        (cancelled,) = gateway.fleet.all(RequestCancelled)
    assert cancelled.envelope.request == opened.envelope.request


async def test_a_request_that_the_log_refuses_is_not_kept() -> None:
    store = Store()
    async with gateway_with(store, refusing=(QuestionAsked,)) as gateway:
        assert (await gateway.ask()).status_code == 503
    assert store.kept == []


async def test_an_end_is_told_though_the_store_is_away() -> None:
    async with gateway_with(Store(away=(AnswerFinished,))) as gateway:
        assert "Four." in (await gateway.ask()).text


async def test_an_end_that_is_found_on_the_log_is_kept_before_it_is_told() -> None:
    store = Store()
    end = AnswerFinished(outcome="answered", text="Four.")

    class Found:
        async def find(self, tenant: str, response_id: str) -> ResponseState:
            return ResponseState(end=end)

    assert (await RecordingLookup(Found(), WriteAhead(store).record_end).find("acme", "r")).end is end
    assert store.kept == [end]
