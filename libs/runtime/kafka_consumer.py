"""Consuming from Kafka in a group: the offset ledger behind FastStream's subscriber."""

import asyncio
import logging
from collections.abc import Collection

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from faststream.middlewares import AckPolicy

from libs.core.tasks import TaskSet
from libs.runtime.bus import Feed
from libs.runtime.intake import Intake
from libs.runtime.kafka_bell import Bell, hold_empty_fetches
from libs.runtime.kafka_subscriber import OnError, Subscriber, hooked, leave, unreachable
from libs.runtime.record import Record
from libs.runtime.settings import BusSettings

log = logging.getLogger(__name__)

COMMIT_INTERVAL_S = 0.2
COMMIT_RETRY_S = 0.5
COMMIT_TIMEOUT_S = 1.0  # the client itself would try for as long as the broker is away
RELAXED_FETCH_WAIT_MS = 250  # for feeds that nobody waits for, where a new record does not wake a fetch
MAX_POLL_INTERVAL_MS = 3_600_000  # waiting longer would leave the group silently
SESSION_TIMEOUT_MS = 6_000
HEARTBEAT_MS = 500
REBALANCE_TIMEOUT_MS = 10_000


class GroupConsumer(ConsumerRebalanceListener):  # type: ignore[misc]  # the library has no types
    """One feed in its consumer group."""

    def __init__(self, feed: Feed, settings: BusSettings, bell: Bell, on_error: OnError) -> None:
        self.feed = feed
        self.intake = Intake(feed, on_error)
        self._settings = settings
        self._bell = bell
        self._on_error = on_error
        self._tasks = TaskSet(on_error)
        self._ready = asyncio.Event()
        self._joined = asyncio.Event()
        self._refused: Exception | None = None
        self._generation = 0
        self._held: set[int] = set()
        self._subscriber: Subscriber | None = None

    def attach(self, broker: KafkaBroker) -> None:
        """Declare the subscriber: manual acknowledgement, own group, earliest, no replies, one topic, one assignor."""
        wait_ms = self._settings.fetch_wait_ms if self.feed.urgent else self._relaxed_wait_ms()
        subscriber = broker.subscriber(
            self.feed.topic,
            group_id=self.feed.group,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            no_reply=True,
            listener=self,
            partition_assignment_strategy=(StickyPartitionAssignor,),
            fetch_max_wait_ms=wait_ms,
            max_poll_interval_ms=MAX_POLL_INTERVAL_MS,
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
        )
        subscriber(unreachable)
        self._subscriber = hooked(subscriber, self._accept, self._on_error)

    def _relaxed_wait_ms(self) -> int:
        return max(self._settings.fetch_wait_ms, RELAXED_FETCH_WAIT_MS)

    async def start(self) -> None:
        """Join the group; returns with an assignment."""
        await self._running.start()  # returns as soon as partitions are known, before we have dealt with them
        await self._joined.wait()
        if self._refused is not None:
            raise self._refused
        if self.feed.urgent and (pause_ms := self._settings.fetch_pause_ms) > 0:
            hold_empty_fetches(self._consumer, self.feed.topic, self._bell, pause_ms / 1000)
        self._tasks.start(self._commit_for_ever(), name=f"commit/{self.feed.group}")

    async def stop(self, grace_s: float) -> None:
        """Refuse intake, drain, commit, leave the group."""
        await self.intake.drain(grace_s)
        await self._tasks.cancel()
        await self._commit()
        await leave(self._running)

    async def caught_up(self) -> None:
        """Return when every record that is on our partitions now is done."""
        partitions = self._topic_partitions(self._held)
        ends = await self._consumer.end_offsets(partitions)
        await self.intake.until(
            lambda: self.intake.reached({each.partition: max(ends[each], self._seen_end(each)) for each in partitions})
        )

    def _seen_end(self, partition: TopicPartition) -> int:
        """Return the end as the last fetch told it: Tansu's offset list counts a batch of records as one."""
        consumer = self._running.consumer
        if consumer is None or partition not in consumer.assignment():
            return 0
        return consumer.highwater(partition) or 0

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Stop committing, commit once more and keep running: what is truly lost is known at the assignment only."""
        self._ready.clear()
        self._generation += 1
        await self._commit()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Drop what is lost, keep what is ours and unmoved, then open the gate."""
        try:
            await self._reassign({partition.partition for partition in assigned})
        except Exception as error:
            self._refuse(error)  # the client would log and swallow it
            raise
        self._ready.set()
        self._joined.set()

    def _refuse(self, error: Exception) -> None:
        """Report an assignment that failed: to `start` if that still waits for it."""
        if self._joined.is_set():
            self._on_error(error)
        self._refused = error
        self._joined.set()

    async def _reassign(self, assigned: set[int]) -> None:
        committed = await self._committed(assigned)
        moved = {number for number in self._held & assigned if committed[number] != self.intake.committed(number)}
        gone = (self._held - assigned) | moved
        await self.intake.forget(gone)
        watcher, new = self.feed.watcher, (assigned - self._held) | moved
        self._held = assigned
        self.intake.begin({number: committed[number] for number in new})
        if watcher is not None:
            watcher.lost(gone)
            watcher.assigned(await self._unread(new, committed))

    async def _committed(self, numbers: set[int]) -> dict[int, int]:
        partitions = self._topic_partitions(numbers)
        offsets = await asyncio.gather(*(self._consumer.committed(partition) for partition in partitions))
        return {each.partition: offset or 0 for each, offset in zip(partitions, offsets, strict=True)}

    async def _unread(self, numbers: set[int], committed: dict[int, int]) -> dict[int, int]:
        ends = await self._consumer.end_offsets(self._topic_partitions(numbers)) if numbers else {}
        return {partition.partition: end for partition, end in ends.items() if committed[partition.partition] < end}

    async def _accept(self, record: Record) -> None:
        """Hand a record to the intake. One that was fetched before a reassignment comes again after it.

        Letting it in then would put it in front of what is delivered again, and the ledger would take that for known.
        """
        generation = self._generation
        await self._ready.wait()
        if generation == self._generation and record.partition in self._held:
            await self.intake.accept(record)

    async def _commit_for_ever(self) -> None:
        while True:
            await self.intake.until(lambda: bool(self.intake.due()))
            await asyncio.sleep(COMMIT_INTERVAL_S)
            await self._ready.wait()
            if not await self._commit():
                await asyncio.sleep(COMMIT_RETRY_S)

    async def _commit(self) -> bool:
        """Commit what is due; return whether nothing is left of it."""
        marks = {number: mark for number, mark in self.intake.due().items() if number in self._held}
        if not marks:
            return True
        try:
            async with asyncio.timeout(COMMIT_TIMEOUT_S):
                await self._consumer.commit({TopicPartition(self.feed.topic, key): mark for key, mark in marks.items()})
        except (KafkaError, TimeoutError) as error:
            log.warning("commit of %s failed, it will be tried again: %r", self.feed.group, error)
            return False
        self.intake.confirm(marks)
        return True

    def _topic_partitions(self, numbers: Collection[int]) -> list[TopicPartition]:
        return [TopicPartition(self.feed.topic, number) for number in sorted(numbers)]

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
