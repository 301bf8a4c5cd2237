"""Consuming from Kafka: FastStream's subscriber, our ledger hooked in at the raw record.

The seam is `consume_one`: it receives the raw record before anything can swallow it. FastStream acknowledges nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol, cast

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from faststream.kafka import TopicPartition as DeclaredPartition
from faststream.middlewares import AckPolicy

from libs.runtime.bus import Delivery, Feed, TailFeed
from libs.runtime.intake import Intake
from libs.runtime.record import Record
from libs.runtime.settings import BusSettings

log = logging.getLogger(__name__)

COMMIT_INTERVAL_S = 0.05
RELAXED_FETCH_WAIT_MS = 250  # for feeds that nobody waits for, where a new record does not wake a fetch
MAX_POLL_INTERVAL_MS = 3_600_000  # waiting longer would leave the group silently
SESSION_TIMEOUT_MS = 6_000
HEARTBEAT_MS = 500
REBALANCE_TIMEOUT_MS = 10_000


class Subscriber(Protocol):
    """What we use of a FastStream subscriber."""

    consumer: AIOKafkaConsumer | None
    consume_one: Callable[[ConsumerRecord], Awaitable[None]]

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class GroupConsumer(ConsumerRebalanceListener):  # type: ignore[misc]  # the library has no types
    """One feed in its consumer group."""

    def __init__(self, feed: Feed, settings: BusSettings, on_error: Callable[[BaseException], None]) -> None:
        self.feed = feed
        self.intake = Intake(feed, on_error)
        self._settings = settings
        self._on_error = on_error
        self._ready = asyncio.Event()
        self._held: set[int] = set()
        self._subscriber: Subscriber | None = None
        self._commits: asyncio.Task[None] | None = None

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
        subscriber(_unreachable)
        self._subscriber = _hooked(subscriber, self._accept)

    def _relaxed_wait_ms(self) -> int:
        return max(self._settings.fetch_wait_ms, RELAXED_FETCH_WAIT_MS)

    async def start(self) -> None:
        """Join the group; returns with an assignment."""
        await self._running.start()
        self._commits = asyncio.get_running_loop().create_task(
            self._commit_for_ever(), name=f"commit/{self.feed.group}"
        )

    async def stop(self, grace_s: float) -> None:
        """Refuse intake, drain, commit, leave the group."""
        self._ready.clear()
        await self.intake.drain(grace_s)
        if self._commits is not None:
            self._commits.cancel()
        await self._commit()
        await self._running.stop()

    async def caught_up(self) -> None:
        """Return when every record that is on our partitions now is done."""
        ends = await self._consumer.end_offsets([TopicPartition(self.feed.topic, number) for number in self._held])
        while any(self.intake.position(partition.partition) < end for partition, end in ends.items()):
            self.intake.changed.clear()
            await self.intake.changed.wait()

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Commit, stop committing and keep running: what is truly lost is known at the assignment only."""
        await self._commit()
        self._ready.clear()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Drop what is lost, keep what is ours and unmoved, then open the gate."""
        try:
            await self._reassign({partition.partition for partition in assigned})
        except Exception as error:
            self._on_error(error)  # the client would log and swallow it
            raise
        self._ready.set()

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
        consumer, topic = self._consumer, self.feed.topic
        return {number: await consumer.committed(TopicPartition(topic, number)) or 0 for number in numbers}

    async def _unread(self, numbers: set[int], committed: dict[int, int]) -> dict[int, int]:
        ends = await self._consumer.end_offsets([TopicPartition(self.feed.topic, number) for number in numbers])
        return {partition.partition: end for partition, end in ends.items() if committed[partition.partition] < end}

    async def _accept(self, record: ConsumerRecord) -> None:
        await self._ready.wait()
        if record.partition in self._held:
            await self.intake.accept(record_of(record))

    async def _commit_for_ever(self) -> None:
        while True:
            await self.intake.changed.wait()
            self.intake.changed.clear()
            await asyncio.sleep(COMMIT_INTERVAL_S)
            if self._ready.is_set():
                await self._commit()

    async def _commit(self) -> None:
        marks = {number: mark for number, mark in self.intake.due().items() if number in self._held}
        if not marks:
            return
        offsets = {TopicPartition(self.feed.topic, number): mark for number, mark in marks.items()}
        try:
            await self._consumer.commit(offsets)
        except KafkaError as error:
            log.warning("commit of %s failed, it will be tried again: %s", self.feed.group, error)
            self.intake.changed.set()
        else:
            self.intake.confirm(marks)

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


class TailConsumer:
    """One partition from its end, by assignment."""

    def __init__(self, feed: TailFeed, settings: BusSettings) -> None:
        self._feed = feed
        self._settings = settings
        self._subscriber: Subscriber | None = None

    def attach(self, broker: KafkaBroker) -> None:
        """Declare the subscriber: no group, so nobody rebalances when an instance comes or goes."""
        subscriber = broker.subscriber(
            partitions=[DeclaredPartition(self._feed.topic, self._feed.partition)],
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="latest",
            no_reply=True,
            fetch_max_wait_ms=self._settings.fetch_wait_ms,
        )
        subscriber(_unreachable)
        self._subscriber = _hooked(subscriber, self._accept)

    async def start(self) -> None:
        """Connect, and return only when the position is fixed: no later record can be missed."""
        if self._subscriber is None:
            raise RuntimeError("attach() comes first")
        await self._subscriber.start()
        if self._subscriber.consumer is not None:
            await self._subscriber.consumer.position(TopicPartition(self._feed.topic, self._feed.partition))

    async def stop(self) -> None:
        if self._subscriber is not None:
            await self._subscriber.stop()

    async def _accept(self, record: ConsumerRecord) -> None:
        await self._feed.process(Delivery(record_of(record), _nothing))


def record_of(record: ConsumerRecord) -> Record:
    """Return the raw record in our own words."""
    headers = tuple((name, value or b"") for name, value in record.headers)
    key, value = record.key, record.value or b""
    return Record(record.topic, record.partition, record.offset, record.timestamp, key, headers, value)


def _hooked(subscriber: object, accept: Callable[[ConsumerRecord], Awaitable[None]]) -> Subscriber:
    hooked = cast(Subscriber, subscriber)
    hooked.consume_one = accept
    return hooked


async def _unreachable(body: bytes) -> None:
    """Stand for our handlers where FastStream wants one: records leave at the seam before they reach it."""
    raise RuntimeError("a record got past the ledger")


def _nothing() -> None:
    """A tail commits nothing."""
