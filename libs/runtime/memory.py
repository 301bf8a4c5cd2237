"""The bus in memory: a first-class transport for tests. It keeps Kafka's promises and none of its durability.

One `MemoryBroker` is the cluster; every `MemoryBus` is a process that may crash and come back.
"""

import asyncio
import itertools
import logging
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from libs.contracts.catalogue import TOPICS
from libs.core.clock import Clock, SystemClock
from libs.core.errors import Retryable
from libs.core.tasks import TaskSet
from libs.runtime.bus import Delivery, Feed, Span, TailFeed
from libs.runtime.codec import Outgoing
from libs.runtime.intake import Intake
from libs.runtime.ledger import Progress
from libs.runtime.record import Record
from libs.runtime.watchdog import Watchdog

log = logging.getLogger(__name__)


class MemoryLog:
    """One partition."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._grown = asyncio.Event()

    def append(self, record: Record) -> None:
        self.records.append(record)
        self._grown.set()

    async def read(self, offset: int) -> Record:
        """Return a record, waiting for it to be written."""
        while offset >= len(self.records):
            self._grown.clear()
            await self._grown.wait()
        return self.records[offset]


@dataclass
class MemoryBroker:
    """Partitions as lists, committed offsets by group, and the members of each group."""

    partitions: int = 4
    clock: Clock = field(default_factory=SystemClock)
    available: bool = True

    def __post_init__(self) -> None:
        counts = {
            topic.name: min(topic.partitions, 64 if topic.partitions > 12 else self.partitions) for topic in TOPICS
        }
        self.logs = {name: [MemoryLog() for _ in range(count)] for name, count in counts.items()}
        self.committed: dict[tuple[str, int], Progress] = {}
        self._members: dict[str, list[_Member]] = {}
        self._rebalancing = asyncio.Lock()

    def append(self, outgoing: Outgoing) -> None:
        """Give a record its offset and wake whoever waits."""
        partitions = self.logs[outgoing.topic.name]
        number = outgoing.partition(len(partitions))
        now_ms = int(self.clock.now() * 1000)
        offset = len(partitions[number].records)
        headers, value = outgoing.headers, outgoing.value
        record = Record(outgoing.topic.name, number, offset, now_ms, outgoing.key, headers, value)
        partitions[number].append(record)

    async def join(self, member: "_Member") -> None:
        """Take a member into its group."""
        async with self._rebalancing:
            self._members.setdefault(member.feed.group, []).append(member)
            await self._share_out(member.feed)

    async def leave(self, member: "_Member") -> None:
        """Give the partitions of a member that has stopped to the others."""
        async with self._rebalancing:
            if member in self._members.get(member.feed.group, ()):
                self._members[member.feed.group].remove(member)
                await self._share_out(member.feed)

    async def _share_out(self, feed: Feed) -> None:
        """Deal the partitions of a group out again. First everybody gives up what it loses, so that nobody shares."""
        members = self._members[feed.group]
        count = len(self.logs[feed.topic])
        shares = [range(index, count, len(members)) for index in range(len(members))]
        for member, share in zip(members, shares, strict=True):
            await member.release(share)
        for member, share in zip(members, shares, strict=True):
            member.take(share)

    def records(self) -> list[Record]:
        """Return everything on the log."""
        return [record for logs in self.logs.values() for partition in logs for record in partition.records]


class _Member:
    """One process's part in a group."""

    def __init__(
        self, feed: Feed, broker: MemoryBroker, on_error: Callable[[BaseException], None], watchdog: Watchdog
    ) -> None:
        self.feed = feed
        self._intake = Intake(feed, on_error, watchdog)
        self._broker = broker
        self._pumps: dict[int, asyncio.Task[None]] = {}
        self._tasks = TaskSet(on_error)

    async def release(self, kept: Sequence[int]) -> None:
        """Commit, and give up every partition that is not kept."""
        self._commit()
        gone = [partition for partition in self._pumps if partition not in kept]
        for partition in gone:
            self._pumps.pop(partition).cancel()
        await self._intake.forget(gone)
        if self.feed.watcher is not None and gone:
            self.feed.watcher.lost(gone)

    def take(self, share: Sequence[int]) -> None:
        """Begin with what is new, each partition at its committed offset."""
        new = {partition: self._committed(partition) for partition in share if partition not in self._pumps}
        self._intake.ledgers.begin(new)
        if self.feed.watcher is not None and new:
            self.feed.watcher.assigned(self._intake.ledgers.unread(self._ends(new)))
        for partition, committed in new.items():
            self._pumps[partition] = self._tasks.start(self._pump(partition, committed.watermark))

    async def caught_up(self) -> None:
        """Return when every record that is on our partitions now is done."""
        ends = self._ends(self._pumps)
        await self._intake.until(lambda: self._intake.ledgers.reached(ends))

    async def drain(self, grace_s: float) -> None:
        """Take no more and wait for what runs."""
        await self._tasks.cancel()
        await self._intake.drain(grace_s)

    async def leave(self, *, commit: bool) -> None:
        """End, and let the others have the partitions."""
        await self._tasks.cancel()
        if commit:
            self._commit()
        await self._intake.forget(list(self._pumps))
        self._pumps.clear()
        await self._broker.leave(self)

    def _commit(self) -> None:
        due = self._intake.ledgers.due()
        for partition, progress in due.items():
            self._broker.committed[self.feed.group, partition] = progress
        self._intake.ledgers.confirm(due)

    def _committed(self, partition: int) -> Progress:
        return self._broker.committed.get((self.feed.group, partition), Progress(0))

    def _ends(self, partitions: Iterable[int]) -> dict[int, int]:
        logs = self._broker.logs[self.feed.topic]
        return {partition: len(logs[partition].records) for partition in partitions}

    async def _pump(self, partition: int, start: int) -> None:
        records = self._broker.logs[self.feed.topic][partition]
        for offset in itertools.count(start):
            await self._intake.accept(await records.read(offset))


class MemoryBus:
    """One process on a `MemoryBroker`. Its watchdog is not run: tests look for themselves."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self._members: list[_Member] = []
        self._tails: list[TailFeed] = []
        self._tasks = TaskSet(self._fail)
        self.watchdog = Watchdog(self._fail, broker.clock)
        self.failed = asyncio.Event()

    def add(self, feed: Feed | TailFeed) -> None:
        if isinstance(feed, Feed):
            self._members.append(_Member(feed, self._broker, self._fail, self.watchdog))
        else:
            self._tails.append(feed)

    async def start(self) -> None:
        for tail in self._tails:
            self._tasks.start(self._follow(tail, self._span(tail).start))
        for member in self._members:
            await self._broker.join(member)

    @asynccontextmanager
    async def listen(self, feed: TailFeed) -> AsyncIterator[Span]:
        if not self._broker.available:
            raise Retryable("the broker is away")
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
            raise Retryable("the broker is away")
        for record in records:
            self._broker.append(record)

    async def stop_feeds(self, services: frozenset[str], grace_s: float) -> None:
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
        """End as `kill -9` would: nothing more is committed, the partitions go to the other members."""
        await self._tasks.cancel()
        await self._leave(list(self._members), commit=False)

    async def check(self) -> str | None:
        return None if self._broker.available else "the broker is away"

    async def _leave(self, members: Sequence[_Member], *, commit: bool) -> None:
        for member in members:
            await member.leave(commit=commit)
            self._members.remove(member)

    def _span(self, tail: TailFeed) -> Span:
        records = self._broker.logs[tail.topic][tail.partition].records
        end = len(records)
        if tail.since_ms is None:
            return Span(end, end)
        return Span(bisect_left(records, tail.since_ms, key=lambda record: record.timestamp_ms), end)

    async def _follow(self, tail: TailFeed, start: int) -> None:
        records = self._broker.logs[tail.topic][tail.partition]
        for offset in itertools.count(start):
            record = await records.read(offset)
            with self.watchdog.working(record):
                await tail.process(Delivery(record, _nothing))

    def _fail(self, error: BaseException) -> None:
        log.critical("consuming failed", exc_info=error)
        self.failed.set()


def _nothing() -> None:
    """A tail commits nothing."""
