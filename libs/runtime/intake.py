"""Between a consumer and its handlers: bounded concurrency, order per key, and a ledger for each partition."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from libs.core.tasks import TaskSet
from libs.runtime.bus import Delivery, Feed
from libs.runtime.ledger import PartitionLedger
from libs.runtime.record import Record


class Intake:
    """Takes raw records of one feed. Nothing buffers without bound: `accept` waits for capacity."""

    def __init__(self, feed: Feed, on_error: Callable[[BaseException], None]) -> None:
        self._feed = feed
        self._slots = asyncio.Semaphore(feed.concurrency)
        self._ledgers: dict[int, PartitionLedger] = {}
        self._waiting: dict[tuple[int, bytes], deque[Record]] = {}
        self._tasks: dict[int, TaskSet] = {}
        self._on_error = on_error
        self.changed = asyncio.Event()

    def begin(self, starts: Mapping[int, int]) -> None:
        """Open a ledger for each new partition at the offset that is committed there."""
        for partition, start in starts.items():
            self._ledgers.setdefault(partition, PartitionLedger(start))

    async def accept(self, record: Record) -> None:
        """Start work on a record, or queue it behind its key.

        A record that somebody holds already, or of a partition that is not ours, is ignored.
        """
        ledger = self._ledgers.get(record.partition)
        if ledger is None or not ledger.deliver(record.offset):
            return
        await self._slots.acquire()
        if not self._feed.ordered:
            self._start(record.partition, self._work(record))
            return
        lane = (record.partition, record.key or b"")
        if lane in self._waiting:
            self._waiting[lane].append(record)
            return
        self._waiting[lane] = deque([record])
        self._start(record.partition, self._work_lane(lane))

    def due(self) -> dict[int, int]:
        """Return the watermarks that are ahead of what was committed, by partition."""
        marks = ((partition, ledger.due()) for partition, ledger in self._ledgers.items())
        return {partition: mark for partition, mark in marks if mark is not None}

    def confirm(self, marks: Mapping[int, int]) -> None:
        """Note what the broker has taken."""
        for partition, mark in marks.items():
            if partition in self._ledgers:
                self._ledgers[partition].confirm(mark)

    def position(self, partition: int) -> int:
        """Return the watermark of a partition that is ours."""
        return self._ledgers[partition].watermark

    def committed(self, partition: int) -> int:
        """Return the last watermark that the broker took from us."""
        return self._ledgers[partition].committed

    @property
    def unfinished(self) -> int:
        return sum(ledger.unfinished for ledger in self._ledgers.values())

    async def forget(self, partitions: Iterable[int]) -> None:
        """Cancel the work of partitions that are no longer ours and drop what we knew about them."""
        for partition in partitions:
            self._ledgers.pop(partition, None)
            if (tasks := self._tasks.pop(partition, None)) is not None:
                await tasks.cancel()

    async def drain(self, grace_s: float) -> None:
        """Wait for running work, at most `grace_s` seconds in all, then cancel the rest."""
        loop = asyncio.get_running_loop()
        until = loop.time() + grace_s
        for tasks in list(self._tasks.values()):
            if not await tasks.drain(max(0.0, until - loop.time())):
                await tasks.cancel()

    def _start(self, partition: int, work: Coroutine[Any, Any, None]) -> None:
        if partition not in self._tasks:
            self._tasks[partition] = TaskSet(self._on_error)
        self._tasks[partition].start(work, name=f"{self._feed.group}/{partition}")

    async def _work(self, record: Record) -> None:
        try:
            await self._feed.process(self._delivery(record))
        finally:
            self._slots.release()

    async def _work_lane(self, lane: tuple[int, bytes]) -> None:
        waiting = self._waiting[lane]
        try:
            while waiting:
                await self._work(waiting.popleft())
        finally:
            del self._waiting[lane]
            for _ in waiting:
                self._slots.release()

    def _delivery(self, record: Record) -> Delivery:
        ledger = self._ledgers.get(record.partition) or PartitionLedger()

        def done() -> None:
            ledger.finish(record.offset)
            self.changed.set()

        return Delivery(record, done)
