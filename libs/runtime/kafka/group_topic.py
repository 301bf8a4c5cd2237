"""One topic of a consumer group: its records on their way from the log to the handler."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence

from aiokafka import TopicPartition

from libs.contracts.record import Record
from libs.core.tasks import TaskSet
from libs.runtime.kafka.acknowledged import LocalRecords
from libs.runtime.kafka.consumer_context import ConsumerContext
from libs.runtime.kafka.offsets import PartitionOffsets, partitions_of
from libs.runtime.ledger.change_signal import ChangeSignal
from libs.runtime.ledger.gap_alarm import GapAlarm
from libs.runtime.ledger.intake import Intake
from libs.runtime.ledger.partition import Progress
from libs.runtime.messaging.bus import Subscription


class GroupTopic:
    """The partitions of one subscription that are assigned to this member."""

    def __init__(self, feed: Subscription, context: ConsumerContext, changed: ChangeSignal) -> None:
        """`changed` is notified whenever a record is taken or done; the topics of a group share it."""
        self.feed = feed
        self.intake = Intake(feed, context.on_error, context.watchdog, changed)
        self.held: set[int] = set()
        self._gaps = GapAlarm(feed)
        self._fetched: dict[int, int] = {}
        self._local = LocalRecords(context.clock)
        self._changed = changed
        self._backlog: deque[Record] = deque()
        self._is_taking_backlog = False
        self._assignment = 0
        self._tasks = TaskSet(context.on_error)

    @property
    def partitions(self) -> list[TopicPartition]:
        return partitions_of(self.feed.topic, self.held)

    @property
    def is_relaxed(self) -> bool:
        """True if recent records were handed over, so that nothing waits for fetches."""
        return self._local.is_relaxed

    @property
    def is_urgent(self) -> bool:
        """True if clients wait for fetches of this topic: another process has published a recent record."""
        return self.feed.low_latency and self._local.is_urgent

    @property
    def is_congested(self) -> bool:
        """True while so many fetched records wait for a slot that fetching more would only fill the memory."""
        return len(self._backlog) >= self.feed.concurrency

    async def accept(self, records: Sequence[Record]) -> None:
        """Take fetched records. Those that must wait for a slot are taken in the background, in their order."""
        assignment = self._assignment
        for number, record in enumerate(records):
            if self._is_taking_backlog or not self.intake.has_slot:
                self._postpone(records[number:])
                return
            await self._take(record)
            if assignment != self._assignment:
                return

    def accept_acknowledged(self, record: Record) -> None:
        """Take a record of this process if it is the next of an assigned partition; else the fetch brings it."""
        number = record.partition
        if number not in self.held:
            return
        if not self._local.is_full(number) and self.intake.accept_next(record):
            self._local.handed_over(record)
        elif record.offset <= self._fetched[number]:
            self._local.acknowledged_late(number, record.offset)

    async def reassign(self, found: Mapping[int, PartitionOffsets]) -> None:
        """Drop lost partitions, merge the progress of kept ones, begin new ones. `found` are those assigned now."""
        assigned = set(found)
        moved = {number for number in self.held & assigned if self._must_begin_anew(number, found[number])}
        revoked, new = (self.held - assigned) | moved, (assigned - self.held) | moved
        # Fetched before the reassignment, these records are redelivered. Accepted late, they would precede the
        # redelivered ones, and the ledger would drop those as known.
        self._assignment += 1
        self._backlog.clear()
        await self.intake.forget(revoked)
        self._local.forget(self.held | assigned)  # also kept ones are fetched from their committed offset again
        self.held = assigned
        self._fetched = {number: offsets.begins.watermark - 1 for number, offsets in found.items()}
        self.intake.merge({number: done for number in assigned - new if (done := found[number].committed) is not None})
        carried_over = {number for number in new if found[number].is_carried_over}
        self.intake.ledgers.begin({number: found[number].begins for number in new}, due=carried_over)
        self._gaps.compare(_marks(found), {number: offsets.first for number, offsets in found.items()})
        if (listener := self.feed.listener) is not None:
            listener.lost(revoked)
            listener.assigned(self.intake.ledgers.unread({number: found[number].end for number in new}))

    def look_for_gaps(self, first: Mapping[TopicPartition, int]) -> None:
        """Compare with the start of the log: retention may delete unread records."""
        known = {partition.partition: offset for partition, offset in first.items()}
        marks = self.intake.ledgers.watermarks()
        self._gaps.compare({number: mark for number, mark in marks.items() if number in known}, known)

    async def drain(self, grace_s: float) -> None:
        """Stop accepting records; wait at most `grace_s` for those in work."""
        await self._tasks.cancel()
        await self.intake.drain(grace_s)

    def _postpone(self, records: Collection[Record]) -> None:
        self._backlog.extend(records)
        if not self._is_taking_backlog:
            self._is_taking_backlog = True
            self._tasks.start(self._take_backlog(), name=f"backlog/{self.feed.name}")

    async def _take_backlog(self) -> None:
        try:
            while self._backlog:
                await self._take(self._backlog.popleft())
                self._changed.notify()
        finally:
            self._is_taking_backlog = False

    def _must_begin_anew(self, number: int, offsets: PartitionOffsets) -> bool:
        """A listener holds state about unfinished records: it is outdated where another member has advanced."""
        if self.feed.listener is None or offsets.committed is None:
            return False
        return not self.intake.ledgers.knows(number, offsets.committed)

    async def _take(self, record: Record) -> None:
        number, assignment = record.partition, self._assignment
        if number not in self.held:
            return
        is_confirmed = self._local.confirm(record)
        if record.offset <= self._fetched[number] or not is_confirmed:
            await self._begin_at(record)
            if assignment != self._assignment:
                return
        self._fetched[number] = record.offset
        await self.intake.accept(record)  # ignores one that was handed over

    async def _begin_at(self, record: Record) -> None:
        """Restart the partition at a record after a truncation of the log.

        Offsets only grow, so a smaller one means that the log was truncated and the client was reset to its rest.
        """
        self._gaps.cut(record.partition, self._fetched[record.partition], record.offset)
        await self.intake.forget([record.partition])
        self._local.forget([record.partition])
        self.intake.ledgers.begin({record.partition: Progress(record.offset)})
        if self.feed.listener is not None:
            self.feed.listener.lost([record.partition])


def _marks(found: Mapping[int, PartitionOffsets]) -> dict[int, int]:
    return {number: done.watermark for number, offsets in found.items() if (done := offsets.committed) is not None}
