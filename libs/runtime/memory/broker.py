"""The cluster of the in-memory bus."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from libs.contracts.catalogue import TOPICS
from libs.contracts.record import Record
from libs.core.clock import Clock, SystemClock
from libs.runtime.ledger.partition import Progress
from libs.runtime.messaging.bus import Subscription
from libs.runtime.messaging.codec import Outgoing


class Member(Protocol):
    """The membership of one process in a group."""

    @property
    def feed(self) -> Subscription: ...

    async def release(self, retained: Sequence[int]) -> None:
        """Commit, and release every partition that is not kept."""
        ...

    def take(self, share: Sequence[int]) -> None:
        """Start reading the new partitions, each at its committed offset."""
        ...


class MemoryLog:
    """The log of one partition."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._grown = asyncio.Event()

    def append(self, record: Record) -> None:
        self.records.append(record)
        self._grown.set()

    async def read(self, offset: int) -> Record:
        """Waits until the offset is appended."""
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
        self._members: dict[str, list[Member]] = {}
        self._rebalancing = asyncio.Lock()

    def append(self, outgoing: Outgoing) -> None:
        """Append a record at the next offset and wake waiting readers."""
        partitions = self.logs[outgoing.topic.name]
        number = outgoing.partition(len(partitions))
        now_ms = int(self.clock.now() * 1000)
        offset = len(partitions[number].records)
        headers, value = outgoing.headers, outgoing.value
        record = Record(
            topic=outgoing.topic.name,
            partition=number,
            offset=offset,
            timestamp_ms=now_ms,
            key=outgoing.key,
            headers=headers,
            value=value,
        )
        partitions[number].append(record)

    async def join(self, member: Member) -> None:
        """Add a member to its group and reassign the partitions."""
        async with self._rebalancing:
            self._members.setdefault(member.feed.name, []).append(member)
            await self._share_out(member.feed)

    async def leave(self, member: Member) -> None:
        """Reassign the partitions of a stopped member to the others; no-op for a non-member."""
        async with self._rebalancing:
            if member in self._members.get(member.feed.name, ()):
                self._members[member.feed.name].remove(member)
                await self._share_out(member.feed)

    async def _share_out(self, feed: Subscription) -> None:
        """Reassign the partitions of a group. All members release first, so that no partition has two readers."""
        members = self._members[feed.name]
        count = len(self.logs[feed.topic])
        shares = [range(index, count, len(members)) for index in range(len(members))]
        for member, share in zip(members, shares, strict=True):
            await member.release(share)
        for member, share in zip(members, shares, strict=True):
            member.take(share)

    def records(self) -> list[Record]:
        return [record for logs in self.logs.values() for partition in logs for record in partition.records]
