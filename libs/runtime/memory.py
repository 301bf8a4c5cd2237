"""The bus in memory: a first-class transport for tests. It keeps Kafka's promises and none of its durability.

One `MemoryBroker` is the cluster; every `MemoryBus` is a process that may crash and come back.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from libs.contracts.catalogue import TOPICS
from libs.core.clock import Clock, SystemClock
from libs.core.errors import Retryable
from libs.core.tasks import TaskSet
from libs.runtime.bus import Delivery, Feed, TailFeed
from libs.runtime.codec import Outgoing
from libs.runtime.intake import Intake
from libs.runtime.record import Record

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
        self.committed: dict[tuple[str, int], int] = {}
        self.members: dict[str, list[_Member]] = {}

    def append(self, outgoing: Outgoing) -> None:
        """Give a record its offset and wake whoever waits."""
        partitions = self.logs[outgoing.topic.name]
        number = outgoing.partition(len(partitions))
        now_ms = int(self.clock.now() * 1000)
        offset = len(partitions[number].records)
        headers, value = outgoing.headers, outgoing.value
        record = Record(outgoing.topic.name, number, offset, now_ms, outgoing.key, headers, value)
        partitions[number].append(record)

    async def rebalance(self, feed: Feed) -> None:
        """Share the partitions of a group out again, one after the other."""
        members = self.members.get(feed.group, [])
        share: dict[int, list[int]] = {index: [] for index in range(len(members))}
        for partition in range(len(self.logs[feed.topic])):
            if members:
                share[partition % len(members)].append(partition)
        for index, member in enumerate(members):
            await member.assign(share[index])

    def records(self) -> list[Record]:
        """Return everything on the log."""
        return [record for logs in self.logs.values() for partition in logs for record in partition.records]


class _Member:
    """One process's part in a group."""

    def __init__(self, feed: Feed, broker: MemoryBroker, on_error: Callable[[BaseException], None]) -> None:
        self.feed = feed
        self.intake = Intake(feed, on_error)
        self._broker = broker
        self._pumps: dict[int, asyncio.Task[None]] = {}
        self.tasks = TaskSet(on_error)

    async def assign(self, partitions: Sequence[int]) -> None:
        gone = [partition for partition in self._pumps if partition not in partitions]
        await self.release(gone)
        new = [partition for partition in partitions if partition not in self._pumps]
        if self.feed.watcher is not None and new:
            self.feed.watcher.assigned(self._unread(new))
        self.intake.begin({partition: self._committed(partition) for partition in new})
        for partition in new:
            self._pumps[partition] = self.tasks.start(self._pump(partition))

    def _unread(self, partitions: Sequence[int]) -> dict[int, int]:
        ends = {partition: len(self._broker.logs[self.feed.topic][partition].records) for partition in partitions}
        return {partition: end for partition, end in ends.items() if self._committed(partition) < end}

    async def release(self, partitions: Sequence[int]) -> None:
        self.commit()
        for partition in partitions:
            self._pumps.pop(partition).cancel()
        await self.intake.forget(partitions)
        if self.feed.watcher is not None:
            self.feed.watcher.lost(partitions)

    def commit(self) -> None:
        marks = self.intake.due()
        for partition, mark in marks.items():
            self._broker.committed[self.feed.group, partition] = mark
        self.intake.confirm(marks)

    def _committed(self, partition: int) -> int:
        return self._broker.committed.get((self.feed.group, partition), 0)

    async def _pump(self, partition: int) -> None:
        records = self._broker.logs[self.feed.topic][partition]
        for offset in itertools.count(self._committed(partition)):
            await self.intake.accept(await records.read(offset))

    @property
    def lag(self) -> int:
        logs = self._broker.logs[self.feed.topic]
        return sum(
            len(logs[number].records) - max(self.intake.position(number), self._committed(number))
            for number in self._pumps
        )

    async def caught_up(self) -> None:
        while self.lag:
            self.intake.changed.clear()
            await self.intake.changed.wait()

    async def stop(self, *, commit: bool) -> None:
        await self.tasks.cancel()
        if commit:
            self.commit()
        await self.intake.forget(list(self._pumps))
        self._pumps.clear()


class MemoryBus:
    """One process on a `MemoryBroker`."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self._members: list[_Member] = []
        self._tails: list[TailFeed] = []
        self._tasks = TaskSet(self._failed)
        self.failure: BaseException | None = None

    def add(self, feed: Feed | TailFeed) -> None:
        if isinstance(feed, Feed):
            self._members.append(_Member(feed, self._broker, self._failed))
        else:
            self._tails.append(feed)

    async def start(self) -> None:
        for tail in self._tails:
            end = len(self._broker.logs[tail.topic][tail.partition].records)
            self._tasks.start(self._follow(tail, end))
        for member in self._members:
            self._broker.members.setdefault(member.feed.group, []).append(member)
            await self._broker.rebalance(member.feed)

    async def send(self, records: Sequence[Outgoing]) -> None:
        if not self._broker.available:
            raise Retryable("the broker is away")
        for record in records:
            self._broker.append(record)

    async def stop_feeds(self, services: frozenset[str], grace_s: float) -> None:
        leaving = [member for member in self._members if member.feed.service in services]
        for member in leaving:
            await member.tasks.cancel()
        for member in leaving:
            await member.intake.drain(grace_s)
            await self._leave(member, commit=True)

    async def caught_up(self, service: str, timeout_s: float) -> bool:
        try:
            async with asyncio.timeout(timeout_s):
                for member in self._members:
                    if member.feed.service == service:
                        await member.caught_up()
        except TimeoutError:
            return False
        return True

    async def stop(self) -> None:
        await self._end(commit=True)

    async def crash(self) -> None:
        """End as `kill -9` would: nothing more is committed, the partitions go to the other members."""
        await self._end(commit=False)

    async def check(self) -> str | None:
        return None if self._broker.available else "the broker is away"

    async def _end(self, *, commit: bool) -> None:
        await self._tasks.cancel()
        for member in list(self._members):
            await self._leave(member, commit=commit)

    async def _leave(self, member: _Member, *, commit: bool) -> None:
        await member.stop(commit=commit)
        self._members.remove(member)
        self._broker.members[member.feed.group].remove(member)
        await self._broker.rebalance(member.feed)

    async def _follow(self, tail: TailFeed, start: int) -> None:
        records = self._broker.logs[tail.topic][tail.partition]
        for offset in itertools.count(start):
            await tail.process(Delivery(await records.read(offset), _nothing))

    def _failed(self, error: BaseException) -> None:
        log.error("the memory bus failed", exc_info=error)
        self.failure = error


def _nothing() -> None:
    """A tail commits nothing."""
