"""One process on the in-memory bus."""

import asyncio
import itertools
import logging
from bisect import bisect_left
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from libs.core.errors import Retryable
from libs.core.tasks import TaskSet
from libs.runtime.memory.broker import MemoryBroker
from libs.runtime.memory.member import GroupMember
from libs.runtime.messaging.bus import Delivery, OffsetRange, Subscription, TailSubscription
from libs.runtime.messaging.codec import Outgoing
from libs.runtime.watchdog.work import Watchdog

log = logging.getLogger(__name__)


class MemoryBus:
    """One process on a `MemoryBroker`. Its watchdog does not run: tests call `check` themselves."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self._members: list[GroupMember] = []
        self._tails: list[TailSubscription] = []
        self._tasks = TaskSet(self._fail)
        self.watchdog = Watchdog(self._fail, broker.clock)
        self.failed = asyncio.Event()

    def add(self, feed: Subscription | TailSubscription) -> None:
        if isinstance(feed, Subscription):
            self._members.append(GroupMember(feed, self._broker, self._fail, self.watchdog))
        else:
            self._tails.append(feed)

    async def start(self) -> None:
        for tail in self._tails:
            self._tasks.start(self._follow(tail, self._span(tail).start))
        for member in self._members:
            await self._broker.join(member)

    @asynccontextmanager
    async def listen(self, feed: TailSubscription) -> AsyncIterator[OffsetRange]:
        if not self._broker.available:
            raise Retryable("unreachable")
        tasks = TaskSet(lambda error: log.error("a tail of %s ended", feed.topic, exc_info=error))
        span = self._span(feed)
        tasks.start(self._follow(feed, span.start))
        try:
            yield span
        finally:
            await tasks.cancel()

    async def partitions(self, topic: str) -> int:
        return len(self._broker.logs[topic])

    async def send(self, records: Sequence[Outgoing]) -> None:
        if not self._broker.available:
            raise Retryable("unreachable")
        for record in records:
            self._broker.append(record)

    async def stop_subscriptions(self, services: frozenset[str], grace_s: float) -> None:
        leaving = [member for member in self._members if member.feed.service in services]
        await asyncio.gather(*(member.drain(grace_s) for member in leaving))
        await self._leave(leaving, commit=True)

    async def caught_up(self, service: str, timeout_s: float) -> bool:
        try:
            async with asyncio.timeout(timeout_s):
                await asyncio.gather(*(each.caught_up() for each in self._members if each.feed.service == service))
        except TimeoutError:
            return False
        return True

    async def stop(self) -> None:
        await self._tasks.cancel()
        await self._leave(list(self._members), commit=True)

    async def crash(self) -> None:
        """End as `kill -9` would: nothing more is committed, the partitions are reassigned to the other members."""
        await self._tasks.cancel()
        await self._leave(list(self._members), commit=False)

    @property
    def uncommitted(self) -> int:
        """Number of records of this process that would be redelivered after a crash."""
        return sum(member.uncommitted for member in self._members)

    async def check(self) -> str | None:
        return None if self._broker.available else "unreachable"

    async def _leave(self, members: Sequence[GroupMember], *, commit: bool) -> None:
        for member in members:
            await member.leave(commit=commit)
            self._members.remove(member)

    def _span(self, tail: TailSubscription) -> OffsetRange:
        records = self._broker.logs[tail.topic][tail.partition].records
        end = len(records)
        if tail.since_ms is None:
            return OffsetRange(end, end)
        return OffsetRange(bisect_left(records, tail.since_ms, key=lambda record: record.timestamp_ms), end)

    async def _follow(self, tail: TailSubscription, start: int) -> None:
        records = self._broker.logs[tail.topic][tail.partition]
        for offset in itertools.count(start):
            record = await records.read(offset)
            with self.watchdog.working(record):
                await tail.handle(Delivery(record, _nothing))

    def _fail(self, error: BaseException) -> None:
        log.critical("consuming failed", exc_info=error)
        self.failed.set()


def _nothing() -> None:
    """Do nothing: a tail commits nothing."""
