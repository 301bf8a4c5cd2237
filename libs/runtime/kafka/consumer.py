"""Consumption in a Kafka consumer group: the offset ledger behind FastStream's subscriber."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from faststream.middlewares import AckPolicy

from libs.contracts.record import Record
from libs.core.tasks import TaskSet
from libs.runtime.kafka.acknowledged import LocalRecords
from libs.runtime.kafka.commits import Committer
from libs.runtime.kafka.consumer_context import FETCH_LOOP_MS, ConsumerContext
from libs.runtime.kafka.growth import GrowthListener
from libs.runtime.kafka.membership import Membership, leave_group_on_stop
from libs.runtime.kafka.offsets import PartitionOffsets, partition_offsets, partitions_of
from libs.runtime.kafka.publish_signal import tune_fetches
from libs.runtime.kafka.subscriber import Subscriber, hooked, leave, unreachable
from libs.runtime.ledger.gap_alarm import GapAlarm
from libs.runtime.ledger.intake import Intake
from libs.runtime.ledger.partition import Progress
from libs.runtime.messaging.bus import Subscription

log = logging.getLogger(__name__)

MAX_POLL_INTERVAL_MS = 3_600_000  # waiting longer would leave the group silently
SESSION_TIMEOUT_MS = 6_000
REBALANCE_TIMEOUT_MS = 10_000
GAP_LOOK_S = 30.0


class GroupConsumer(ConsumerRebalanceListener):  # type: ignore[misc]  # the library has no types
    """One subscription in its consumer group."""

    def __init__(self, feed: Subscription, context: ConsumerContext) -> None:
        self.feed = feed
        self.intake = Intake(feed, context.on_error, context.watchdog)
        self._context = context
        self._committer = Committer(feed, self.intake, lambda: self._consumer)
        self._membership = Membership.of(
            context.member_name(feed), SESSION_TIMEOUT_MS / 1000, context.clock, context.on_error
        )
        self._gaps = GapAlarm(feed)
        self._tasks = TaskSet(context.on_error)
        self._joined = asyncio.Event()
        self._refused: Exception | None = None
        self._generation = 0
        self._held: set[int] = set()
        self._fetched: dict[int, int] = {}
        self._local = LocalRecords(context.clock)
        self._subscriber: Subscriber | None = None
        self._tuned: AIOKafkaConsumer | None = None

    def attach(self, broker: KafkaBroker) -> None:
        """Declare the subscriber: manual acknowledgement, own group, earliest, no replies, one topic, one assignor."""
        subscriber = broker.subscriber(
            self.feed.topic,
            group_id=self.feed.group,
            group_instance_id=self._context.member_name(self.feed),
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            no_reply=True,
            listener=self,
            partition_assignment_strategy=(StickyPartitionAssignor,),
            fetch_max_wait_ms=self._context.fetch_wait_ms(self.feed),
            fetch_min_bytes=self._context.fetch_min_bytes(self.feed),
            consumer_timeout_ms=FETCH_LOOP_MS,
            max_poll_interval_ms=MAX_POLL_INTERVAL_MS,
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=self._context.heartbeat_ms(self.feed),
            rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
        )
        subscriber(unreachable)
        self._subscriber = hooked(subscriber, self._accept, self._context.on_error)

    async def start(self) -> None:
        """Join the group; returns when partitions are assigned."""
        await self._running.start()  # returns as soon as partitions are known, before `_reassign`
        await self._joined.wait()
        if self._refused is not None:
            raise self._refused
        if self.feed.low_latency:
            self._context.acknowledged.add(self.feed.topic, self._take_acknowledged)
        growth = GrowthListener(self._consumer, self.feed.topic, self._held)
        growth(self._consumer._client.cluster)
        self._consumer._client.cluster.add_listener(growth)
        self._tasks.start(self._committer.run(), name=f"commit/{self.feed.group}")
        self._tasks.start(self._look_for_gaps(), name=f"gaps/{self.feed.group}")

    async def stop(self, grace_s: float) -> None:
        """Stop accepting records, drain, commit, leave the group."""
        self._context.acknowledged.remove(self.feed.topic, self._take_acknowledged)
        await self.intake.drain(grace_s)
        await self._tasks.cancel()
        await self._committer.commit()
        if self._running.consumer is not None:
            leave_group_on_stop(self._consumer)
        await leave(self._running)

    async def caught_up(self) -> None:
        """Wait until every record now on the assigned partitions is done."""
        partitions = partitions_of(self.feed.topic, self._held)
        ends = await self._consumer.end_offsets(partitions)
        reached = self.intake.ledgers.reached
        await self.intake.until(
            lambda: reached({each.partition: max(ends[each], self._seen_end(each)) for each in partitions})
        )

    def _seen_end(self, partition: TopicPartition) -> int:
        """One past the last record known here: Tansu's ListOffsets counts a batch of records as one."""
        consumer, ledger = self._running.consumer, self.intake.ledgers.of(partition.partition)
        delivered = ledger.next_offset if ledger is not None else 0
        if consumer is None or partition not in consumer.assignment():
            return delivered
        return max(delivered, consumer.highwater(partition) or 0)

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Pause periodic commits, commit once more, and keep running: only the assignment shows lost partitions."""
        self._committer.settled.clear()
        self._generation += 1
        self._tune()  # called before the first join as well, with no partitions
        if self._membership is not None:
            self._membership.watch(self._consumer)
        await self._committer.commit()

    def _tune(self) -> None:
        """Tune the fetches before the first one: it may wait for long."""
        context, feed = self._context, self.feed
        if self._tuned is not self._consumer and (feed.low_latency or context.supports_fetch_sessions):
            tune_fetches(self._consumer, feed.topic, context.publish_signal, context.settings, self._is_relaxed)
            self._tuned = self._consumer

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Drop lost partitions, merge the progress of kept ones, then allow commits again."""
        try:
            await self._reassign({partition.partition for partition in assigned})
        except Exception as error:
            self._refuse(error)  # the client would only log it
            raise
        self._committer.settled.set()
        self._joined.set()

    def _is_relaxed(self) -> bool:
        return not self.feed.low_latency or self._local.is_relaxed

    def _refuse(self, error: Exception) -> None:
        """Report a failed assignment: to `start` if it still waits, else to `on_error`."""
        if self._joined.is_set():
            self._context.on_error(error)
        self._refused = error
        self._joined.set()

    async def _reassign(self, assigned: set[int]) -> None:
        found = await partition_offsets(self._consumer, self.feed.topic, assigned)
        moved = {number for number in self._held & assigned if self._must_begin_anew(number, found[number])}
        revoked, new = (self._held - assigned) | moved, (assigned - self._held) | moved
        await self.intake.forget(revoked)
        self._local.forget(self._held | assigned)  # also kept ones are fetched from their committed offset again
        self._held = assigned
        self._fetched = {number: standing.begins.watermark - 1 for number, standing in found.items()}
        self.intake.merge({number: done for number in assigned - new if (done := found[number].committed) is not None})
        self.intake.ledgers.begin({number: found[number].begins for number in new})
        self._gaps.compare(_marks(found), {number: standing.first for number, standing in found.items()})
        if (watcher := self.feed.listener) is not None:
            watcher.lost(revoked)
            watcher.assigned(self.intake.ledgers.unread({number: found[number].end for number in new}))

    def _must_begin_anew(self, number: int, standing: PartitionOffsets) -> bool:
        """A listener holds state about unfinished records: it is outdated where another member has advanced."""
        if self.feed.listener is None or standing.committed is None:
            return False
        return not self.intake.ledgers.knows(number, standing.committed)

    async def _accept(self, records: Sequence[Record]) -> None:
        """Pass records to the intake. Records fetched before a reassignment are dropped and redelivered.

        Accepted late, they would precede the redelivered records, and the ledger would drop those as known.
        """
        generation = self._generation
        for record in records:
            await self._committer.settled.wait()
            if generation != self._generation:
                return
            if record.partition in self._held:
                await self._take(record)

    async def _take(self, record: Record) -> None:
        is_confirmed = self._local.confirm(record)
        if record.offset <= self._fetched[record.partition] or not is_confirmed:
            await self._begin_at(record)
        self._fetched[record.partition] = record.offset
        await self.intake.accept(record)  # ignores one that was handed over

    def _take_acknowledged(self, record: Record) -> None:
        """Take a record of this process if it is the next of an assigned partition; else the fetch brings it."""
        number = record.partition
        if not self._committer.settled.is_set() or number not in self._held:
            return
        if not self._local.is_full(number) and self.intake.accept_next(record):
            self._local.handed_over(record)
        elif record.offset <= self._fetched[number]:
            self._local.acknowledged_late(number, record.offset)

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

    async def _look_for_gaps(self) -> None:
        """Periodically compare with the start of the log: retention may delete unread records."""
        while True:
            await asyncio.sleep(GAP_LOOK_S)
            partitions = partitions_of(self.feed.topic, self._held)
            try:
                first = await self._consumer.beginning_offsets(partitions) if partitions else {}
            except KafkaError as error:
                log.info("the beginning of %s is not known: %r", self.feed.topic, error)
                continue
            known = {partition.partition: offset for partition, offset in first.items()}
            marks = self.intake.ledgers.watermarks()
            self._gaps.compare({number: mark for number, mark in marks.items() if number in known}, known)

    @property
    def _running(self) -> Subscriber:
        if self._subscriber is None:
            raise RuntimeError("attach() comes first")
        return self._subscriber

    @property
    def _consumer(self) -> AIOKafkaConsumer:
        if self._running.consumer is None:
            raise KafkaError("the consumer is not running")
        return self._running.consumer


def _marks(found: Mapping[int, PartitionOffsets]) -> dict[int, int]:
    return {number: done.watermark for number, standing in found.items() if (done := standing.committed) is not None}
