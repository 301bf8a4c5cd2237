"""A gateway over real HTTP with a scripted fleet behind it, which records the gateway's messages."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import httpx

from libs.adapters.valkey.subject_encryption import SubjectEncryption
from libs.adapters.valkey.tenant_encryption import TenantEncryption
from libs.contracts.answer import AnswerFinished, Failure
from libs.contracts.message import Message
from libs.contracts.model_call import Usage
from libs.contracts.progress import RequestCancelled, RequestOpened
from libs.contracts.question import QuestionAsked
from libs.core.errors import Retryable
from libs.core.ids import reply_partition_of
from libs.core.tasks import TaskSet
from libs.ports.answers import ResponseState
from libs.ports.deltas import Delta, DeltaReader
from libs.ports.key_values import KeyValueStore
from libs.ports.no_write_ahead import NoWriteAhead
from libs.ports.write_ahead import WriteAheadStore
from libs.runtime.process.http.listener import HttpListener
from libs.runtime.settings.static_keys import StaticKeys, owner_of
from libs.testing.fake_deltas import FakeDeltas
from libs.testing.fake_key_values import FakeKeyValues
from libs.testing.waiting import eventually, waiting
from services.gateway.api.application import make_application
from services.gateway.domain.admission.shares import AdaptiveLimit, AdaptiveLimitConfig, Admission, Shares
from services.gateway.domain.request_limits import RequestLimits
from services.gateway.domain.routing.answer_cache import AnswerCachePolicy
from services.gateway.key_values.answer_cache import AnswerCache
from services.gateway.key_values.personal import EncryptedValues
from services.gateway.lookup.responses import ResponseLookup
from services.gateway.pipeline.app_context import AppContext
from services.gateway.replies.pending_replies import PendingReplies, RecordEnd, no_record

KEY = "test-key-0123456789"
PARTITION = 7
M = TypeVar("M", bound=Message)


@dataclass
class Fleet:
    """The publisher of the gateway, and the rest of the fleet behind it.

    `react` runs for every question; `refusing` names messages that the broker rejects.
    """

    deltas: FakeDeltas = field(default_factory=FakeDeltas)
    react: "Callable[[Fleet, QuestionAsked], Awaitable[None]] | None" = None
    refusing: tuple[type[Message], ...] = ()
    published: list[Message] = field(default_factory=list)
    pending_replies: PendingReplies = field(default_factory=lambda: pending_replies_for(512))
    errors: list[BaseException] = field(default_factory=list)
    ends: dict[str, AnswerFinished] = field(default_factory=dict)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        self.tasks = TaskSet(self.errors.append)

    async def publish(self, *messages: Message) -> None:
        taken = [message for message in messages if not isinstance(message, self.refusing)]
        async with self._news:
            self.published.extend(taken)
            self._news.notify_all()
        if len(taken) < len(messages):
            raise Retryable("the broker is away")
        for message in taken:
            if isinstance(message, QuestionAsked) and self.react is not None:
                self.tasks.start(self._react(message))

    async def _react(self, question: QuestionAsked) -> None:
        if self.react is not None:
            await self.react(self, question)

    def all(self, kind: type[M]) -> list[M]:
        return [message for message in self.published if isinstance(message, kind)]

    async def wait_for(self, kind: type[M], count: int = 1) -> list[M]:
        """Messages of one kind when there are `count` of them."""
        async with waiting(30), self._news:
            await self._news.wait_for(lambda: len(self.all(kind)) >= count)
        return self.all(kind)

    async def finish(self, cause: Message, end: AnswerFinished) -> None:
        """Publish an end on the reply partition of its gateway."""
        assert reply_partition_of(cause.envelope.response_id) == PARTITION
        self.ends[cause.envelope.response_id] = end = end.after(cause)
        self.pending_replies.deliver(end)

    async def find(self, tenant: str, response_id: str) -> ResponseState:
        """State of a response: this is an AnswerLookup as well."""
        of_it = [each for each in self.published if each.envelope.request == (tenant, response_id)]
        opened = next((each for each in of_it if isinstance(each, RequestOpened)), None)
        known = next((each for each in of_it if isinstance(each, AnswerFinished)), None)
        return ResponseState(opened, self.ends.get(response_id, known)) if opened is not None else ResponseState()

    async def deliver_end(self, cause: Message, *deltas: Delta) -> None:
        for delta in deltas:
            await self.deltas.append(cause.envelope.response_id, delta)


def pending_replies_for(
    max_in_flight: int, shares: Shares | None = None, record_end: RecordEnd = no_record
) -> PendingReplies:
    """Pending replies for a fixed number of concurrent requests."""
    limit = AdaptiveLimit(AdaptiveLimitConfig(ceiling=max_in_flight, target_ms=0))
    return PendingReplies(Admission(limit, shares or Shares(headroom=0)), record_end)


class EmptyLookup:
    """Knows no response."""

    async def find(self, tenant: str, response_id: str) -> ResponseState:
        return ResponseState()


class NoReplySource:
    """Receives only replies that are delivered to the pending replies directly."""

    @asynccontextmanager
    async def subscribed(self, response_id: str) -> AsyncIterator[None]:
        yield


def answered(text: str, *, truncated: bool = False) -> AnswerFinished:
    usage = Usage(prompt_tokens=30, completion_tokens=12)
    return AnswerFinished(outcome="answered", text=text, truncated=truncated, usage=usage)


def failed(code: str, message: str) -> AnswerFinished:
    return AnswerFinished(outcome="failed", failure=Failure(code=code, message=message))


def answering(text: str) -> Callable[[Fleet, QuestionAsked], Awaitable[None]]:
    async def react(fleet: Fleet, question: QuestionAsked) -> None:
        await fleet.finish(question, answered(text))

    return react


def pieces(stream: str, texts: Sequence[str]) -> list[Delta]:
    deltas, offset = [], 0
    for text in texts:
        deltas.append(Delta("text", stream, offset, text))
        offset += len(text)
    return deltas


@dataclass
class GatewayHarness:
    fleet: Fleet
    url: str
    client: httpx.AsyncClient

    async def ask(self, text: str = "What is 2+2?", **fields: object) -> httpx.Response:
        body = {"model": "moe-orchestrator", "messages": [{"role": "user", "content": text}], **fields}
        return await self.client.post("/v1/chat/completions", json=body)


@asynccontextmanager
async def open_gateway(
    react: Callable[[Fleet, QuestionAsked], Awaitable[None]] | None = None,
    *,
    rules: RequestLimits | None = None,
    pending_replies: PendingReplies | None = None,
    reader: DeltaReader | None = None,
    acceptance: WriteAheadStore | None = None,
    notes: KeyValueStore | None = None,
    alter: Callable[[AppContext], AppContext] = lambda front: front,
) -> AsyncIterator[GatewayHarness]:
    fleet = Fleet(react=react, pending_replies=pending_replies_for(512) if pending_replies is None else pending_replies)
    noted = notes or FakeKeyValues()
    front = AppContext(
        publisher=fleet,
        deltas=reader or fleet.deltas,
        pending_replies=fleet.pending_replies,
        authenticator=StaticKeys.of({KEY: owner_of("default")}),
        reply_partition=PARTITION,
        lookup=ResponseLookup(fleet.pending_replies, EmptyLookup(), None, settled_after_s=60),
        reply_source=NoReplySource(),
        limits=rules or RequestLimits(),
        write_ahead=acceptance or NoWriteAhead(),
        key_values=noted,
        answer_cache=AnswerCache(EncryptedValues(noted, SubjectEncryption(TenantEncryption(""))), AnswerCachePolicy()),
    )
    listener = HttpListener(make_application(alter(front)), "127.0.0.1", 0, fleet.tasks)
    listener.start()
    await _listening(listener.port)
    url = f"http://127.0.0.1:{listener.port}"
    headers = {"authorization": f"Bearer {KEY}"}
    try:
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as client:
            yield GatewayHarness(fleet, url, client)
    finally:
        await listener.stop()
        await fleet.tasks.cancel()
    assert fleet.errors == []


async def _listening(port: int) -> None:
    async with waiting(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.005)
            else:
                writer.close()
                return


def cancelled(gateway: GatewayHarness) -> list[RequestCancelled]:
    return gateway.fleet.all(RequestCancelled)


async def wait_idle(gateway: GatewayHarness) -> None:
    """Wait until no request is open and no delta is followed."""
    await eventually(
        lambda: not (gateway.fleet.pending_replies.in_flight or gateway.fleet.deltas.following()), within_s=30
    )
