"""The membership of one process in a group: its partitions and their finished records."""

import asyncio
import itertools
from collections.abc import Callable, Iterable, Sequence

from libs.core.tasks import TaskSet
from libs.runtime.ledger.intake import Intake
from libs.runtime.ledger.partition import Progress
from libs.runtime.memory.broker import MemoryBroker
from libs.runtime.messaging.bus import Subscription
from libs.runtime.watchdog.work import Watchdog


class GroupMember:
    def __init__(
        self, feed: Subscription, broker: MemoryBroker, on_error: Callable[[BaseException], None], watchdog: Watchdog
    ) -> None:
        self.feed = feed
        self._intake = Intake(feed, on_error, watchdog)
        self._broker = broker
        self._pumps: dict[int, asyncio.Task[None]] = {}
        self._tasks = TaskSet(on_error)

    async def release(self, retained: Sequence[int]) -> None:
        self._commit()
        revoked = [partition for partition in self._pumps if partition not in retained]
        for partition in revoked:
            self._pumps.pop(partition).cancel()
        await self._intake.forget(revoked)
        if self.feed.listener is not None and revoked:
            self.feed.listener.lost(revoked)

    def take(self, share: Sequence[int]) -> None:
        new = {partition: self._committed(partition) for partition in share if partition not in self._pumps}
        self._intake.ledgers.begin(new)
        if self.feed.listener is not None and new:
            self.feed.listener.assigned(self._intake.ledgers.unread(self._ends(new)))
        for partition, committed in new.items():
            self._pumps[partition] = self._tasks.start(self._pump(partition, committed.watermark))

    async def caught_up(self) -> None:
        """Wait until every record now on the assigned partitions is done."""
        ends = self._ends(self._pumps)
        await self._intake.until(lambda: self._intake.ledgers.reached(ends))

    async def drain(self, grace_s: float) -> None:
        """Stop consuming and wait up to `grace_s` for running work."""
        await self._tasks.cancel()
        await self._intake.drain(grace_s)

    async def leave(self, *, commit: bool) -> None:
        """Stop, and release the partitions to the other members."""
        await self._tasks.cancel()
        if commit:
            self._commit()
        await self._intake.forget(list(self._pumps))
        self._pumps.clear()
        await self._broker.leave(self)

    @property
    def uncommitted(self) -> int:
        """Number of records that would be redelivered to another member."""
        return sum(end - self._committed(partition).watermark for partition, end in self._ends(self._pumps).items())

    def _commit(self) -> None:
        due = self._intake.ledgers.due()
        for partition, progress in due.items():
            self._broker.committed[self.feed.name, partition] = progress
        self._intake.ledgers.confirm(due)

    def _committed(self, partition: int) -> Progress:
        return self._broker.committed.get((self.feed.name, partition), Progress(0))

    def _ends(self, partitions: Iterable[int]) -> dict[int, int]:
        logs = self._broker.logs[self.feed.topic]
        return {partition: len(logs[partition].records) for partition in partitions}

    async def _pump(self, partition: int, start: int) -> None:
        records = self._broker.logs[self.feed.topic][partition]
        for offset in itertools.count(start):
            await self._intake.accept(await records.read(offset))
