"""Responses on the log: one day of records, in the order of the log."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias, TypeVar

from libs.contracts.answer import AnswerFinished
from libs.contracts.direct import DirectOpened
from libs.contracts.message import Message
from libs.contracts.progress import PlanDrafted, RequestOpened
from libs.contracts.records import RequestLogged
from libs.contracts.topics import ANSWER_FINISHED, PROGRESS, REQUESTS, Topic
from libs.core.clock import Clock, SystemClock
from libs.core.errors import Retryable
from libs.core.ids import accepted_at_of, reply_partition_of
from libs.ports.answers import ResponseState
from libs.runtime.messaging.bus import Delivery, OffsetRange, TailSubscription
from libs.runtime.messaging.codec import response_partition
from libs.runtime.messaging.publisher import BusPublisher

M = TypeVar("M", bound=Message)
TopicPartition: TypeAlias = tuple[Topic, int]  # and its partition
SKEW_S = 10.0  # clocks of gateway and broker differ by less


class LogLookup:
    """An AnswerLookup and a RecordLookup that read the log from the time in a response id."""

    def __init__(self, publisher: BusPublisher, timeout_s: float, clock: Clock | None = None) -> None:
        self._publisher = publisher
        self._timeout_s = timeout_s
        self._clock = clock or SystemClock()

    async def find(self, tenant: str, response_id: str) -> ResponseState:
        """Empty for responses older than the retention of the topics."""
        if self._clock.now() - accepted_at_of(response_id) > ANSWER_FINISHED.retention_ms / 1000:
            return ResponseState()
        if not await self._is_possible(response_id):
            return ResponseState()
        begin = await self._begin(tenant, response_id)
        if begin.opened is None:
            return begin
        end = await self._first(AnswerFinished, _replies(response_id), (tenant, response_id))
        return ResponseState(begin.opened, end, begin.started)

    async def record(self, tenant: str, response_id: str, *, within_s: float = 0.0) -> RequestLogged | None:
        if self._clock.now() - accepted_at_of(response_id) > REQUESTS.retention_ms / 1000:
            return None
        if not await self._is_possible(response_id):
            return None
        partition = response_partition(REQUESTS, response_id, await self._publisher.partitions(REQUESTS.name))
        return await self._first(RequestLogged, (REQUESTS, partition), (tenant, response_id), within_s)

    async def accepted(self, tenant: str, response_id: str) -> DirectOpened | None:
        if self._clock.now() - accepted_at_of(response_id) > ANSWER_FINISHED.retention_ms / 1000:
            return None
        if not await self._is_possible(response_id):
            return None
        return await self._first(DirectOpened, _replies(response_id), (tenant, response_id))

    async def _is_possible(self, response_id: str) -> bool:
        """False when the log has no partition for the id: then it is no id of ours."""
        return reply_partition_of(response_id) < await self._publisher.partitions(ANSWER_FINISHED.name)

    async def _begin(self, tenant: str, response_id: str) -> ResponseState:
        messages: list[Message] = []

        def enough(message: Message) -> bool:
            messages.append(message)
            began = any(
                isinstance(each, RequestOpened) for each in messages
            )  # the last one of a request that was restored
            return began and any(isinstance(each, PlanDrafted | AnswerFinished) for each in messages)

        partition = response_partition(PROGRESS, response_id, await self._publisher.partitions(PROGRESS.name))
        await self._read((PROGRESS, partition), (tenant, response_id), enough)
        opened = next((message for message in messages if isinstance(message, RequestOpened)), None)
        return ResponseState(opened, None, started=opened is not None and len(messages) > 1)

    async def _first(
        self, kind: type[M], place: TopicPartition, request: tuple[str, str], within_s: float = 0.0
    ) -> M | None:
        """First message of `kind` about a response; `request` is its tenant and its id."""
        found: list[M] = []

        def enough(message: Message) -> bool:
            if isinstance(message, kind):
                found.append(message)
            return bool(found)

        await self._read(place, request, enough, within_s)
        return found[0] if found else None

    async def _read(
        self, place: TopicPartition, request: tuple[str, str], enough: Callable[[Message], bool], within_s: float = 0.0
    ) -> None:
        """Pass the messages of a response to `enough` until it returns True, or until the end that the log has
        `within_s` seconds from now."""
        (topic, partition), (tenant, response_id) = place, request
        scan = _Scan(response_id.encode(), self._publisher, _of(tenant, enough))
        since_ms = int((accepted_at_of(response_id) - SKEW_S) * 1000)
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                self._publisher.listen(TailSubscription(topic.name, partition, scan, since_ms)) as span,
            ):
                await scan.until(span)
                await scan.within(within_s)
        except TimeoutError as error:
            raise Retryable(f"{topic.name}/{partition} was not read in {self._timeout_s:g} s") from error


class _Scan:
    """A record handler that searches the records of one key."""

    def __init__(self, key: bytes, line: BusPublisher, enough: Callable[[Message], bool]) -> None:
        self._key = key
        self._line = line
        self._enough = enough
        self._next = -1
        self._found = False
        self._moved = asyncio.Event()

    async def __call__(self, delivery: Delivery) -> None:
        record = delivery.record
        if self._found:
            return
        if record.key == self._key and (message := self._line.read(record)) is not None:
            self._found = self._enough(message)
        self._next = record.offset + 1
        self._moved.set()

    async def until(self, span: OffsetRange) -> None:
        """Wait until `enough` returned True, or the end of the span was read."""
        while span.start < span.end and not self._found and self._next < span.end:
            self._moved.clear()
            await self._moved.wait()

    async def within(self, seconds: float) -> None:
        """Wait until `enough` returned True, at most this many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self._found:
                    self._moved.clear()
                    await self._moved.wait()


def _replies(response_id: str) -> TopicPartition:
    """The reply partition that a response id names."""
    return ANSWER_FINISHED, reply_partition_of(response_id)


def _of(tenant: str, enough: Callable[[Message], bool]) -> Callable[[Message], bool]:
    """Limit `enough` to the messages of one tenant; those of others are ignored."""
    return lambda message: message.envelope.tenant == tenant and enough(message)
