"""Consumption in a Kafka consumer group: the offset ledgers behind FastStream's subscriber."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from functools import partial
from itertools import groupby

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from faststream.middlewares import AckPolicy

from libs.contracts.record import Record
from libs.core.errors import ConfigurationError
from libs.core.tasks import TaskSet
from libs.runtime.kafka.assignor import sticky_by_topic
from libs.runtime.kafka.client_internals import leave_group_on_stop, request_client
from libs.runtime.kafka.commits import Committer
from libs.runtime.kafka.consumer_context import FETCH_LOOP_MS, ConsumerContext
from libs.runtime.kafka.fetch_session import FetchWait
from libs.runtime.kafka.group_topic import GroupTopic
from libs.runtime.kafka.growth import GrowthListener
from libs.runtime.kafka.membership import Membership
from libs.runtime.kafka.offsets import partition_offsets
from libs.runtime.kafka.publish_signal import tune_fetches
from libs.runtime.kafka.subscriber import Subscriber, hooked, leave, unreachable
from libs.runtime.ledger.change_signal import ChangeSignal
from libs.runtime.messaging.bus import Subscription

log = logging.getLogger(__name__)

MAX_POLL_INTERVAL_MS = 3_600_000  # waiting longer would leave the group silently
SESSION_TIMEOUT_MS = 6_000
REBALANCE_TIMEOUT_MS = 10_000
GAP_LOOK_S = 30.0


class GroupConsumer(ConsumerRebalanceListener):  # type: ignore[misc]  # the library has no types
    """All subscriptions of a service: one consumer in one group, with one commit for all its topics."""

    def __init__(self, service: str, context: ConsumerContext) -> None:
        self.service = service
        self.group = f"moe.{service}"
        self._context = context
        self._changed = ChangeSignal()
        self._topics: dict[str, GroupTopic] = {}
        self._committer = Committer(self.group, self._topics, self._changed, lambda: self._consumer)
        self._membership = Membership.of(
            context.member_name(service), SESSION_TIMEOUT_MS / 1000, context.clock, context.on_error
        )
        self._tasks = TaskSet(context.on_error)
        self._joined = asyncio.Event()
        self._refused: Exception | None = None
        self._generation = 0
        self._paused: set[str] = set()
        self._subscriber: Subscriber | None = None
        self._tuned: AIOKafkaConsumer | None = None

    def add(self, feed: Subscription) -> None:
        """Add a subscription, before `attach`. Raises ConfigurationError for a topic that has one."""
        if feed.topic in self._topics:
            raise ConfigurationError(f"{self.service} subscribes to {feed.topic} twice")
        self._topics[feed.topic] = GroupTopic(feed, self._context, self._changed)

    @property
    def topics(self) -> Collection[str]:
        return self._topics.keys()

    def attach(self, broker: KafkaBroker) -> None:
        """Declare the subscriber: manual acknowledgement, own group, earliest, no replies, one assignor."""
        context, low_latency = self._context, self._is_low_latency
        subscriber = broker.subscriber(
            *self._topics,
            group_id=self.group,
            group_instance_id=context.member_name(self.service),
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            no_reply=True,
            listener=self,
            partition_assignment_strategy=(sticky_by_topic(),),
            fetch_max_wait_ms=context.fetch_wait_ms(low_latency=low_latency),
            fetch_min_bytes=context.fetch_min_bytes(low_latency=low_latency),
            consumer_timeout_ms=FETCH_LOOP_MS,
            max_poll_interval_ms=MAX_POLL_INTERVAL_MS,
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=context.heartbeat_ms(low_latency=low_latency),
            rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
        )
        subscriber(unreachable)
        self._subscriber = hooked(subscriber, self._accept, context.on_error)

    async def start(self) -> None:
        """Join the group; returns when partitions are assigned."""
        await self._running.start()  # returns as soon as partitions are known, before `_reassign`
        await self._joined.wait()
        if self._refused is not None:
            raise self._refused
        for topic in self._topics.values():
            if topic.feed.low_latency:
                self._context.acknowledged.add(topic.feed.topic, self._accept_acknowledged)
            growth = GrowthListener(self._consumer, topic.feed.topic, topic.held)
            cluster = request_client(self._consumer).cluster
            growth(cluster)
            cluster.add_listener(growth)
        self._tasks.start(self._committer.run(), name=f"commit/{self.group}")
        self._tasks.start(self._look_for_gaps(), name=f"gaps/{self.group}")

    async def stop(self, grace_s: float) -> None:
        """Stop accepting records, drain, commit, leave the group."""
        for name in self._topics:
            self._context.acknowledged.remove(name, self._accept_acknowledged)
        await asyncio.gather(*(topic.drain(grace_s) for topic in self._topics.values()))
        await self._tasks.cancel()
        await self._committer.commit()
        if self._running.consumer is not None:
            leave_group_on_stop(self._consumer)
        await leave(self._running)

    async def caught_up(self) -> None:
        """Wait until every record now on the assigned partitions is done."""
        ends = await self._consumer.end_offsets(self._partitions)

        def is_reached(topic: GroupTopic) -> bool:
            return topic.intake.ledgers.reached(
                {each.partition: max(ends[each], self._seen_end(each)) for each in topic.partitions if each in ends}
            )

        await self._changed.until(lambda: all(map(is_reached, self._topics.values())))

    def _seen_end(self, partition: TopicPartition) -> int:
        """One past the last record known here: Tansu's ListOffsets counts a batch of records as one."""
        consumer, ledger = self._running.consumer, self._topics[partition.topic].intake.ledgers.of(partition.partition)
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
        context = self._context
        if self._tuned is not self._consumer and (self._is_low_latency or context.supports_fetch_sessions):
            signal, settings = context.publish_signal, context.settings
            tune_fetches(self._consumer, list(self._topics), signal, settings, self._fetch_wait)
            self._tuned = self._consumer

    def _fetch_wait(self) -> FetchWait:
        if self._paused:
            return FetchWait.SHORT
        topics = self._topics.values()
        is_relaxed = not self._is_low_latency or any(topic.is_relaxed for topic in topics)
        return FetchWait.RELAXED if is_relaxed and not any(topic.is_urgent for topic in topics) else FetchWait.URGENT

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Drop lost partitions, merge the progress of kept ones, then allow commits again."""
        try:
            await self._reassign(assigned)
        except Exception as error:
            self._refuse(error)  # the client would only log it
            raise
        self._committer.settled.set()
        self._joined.set()

    def _refuse(self, error: Exception) -> None:
        """Report a failed assignment: to `start` if it still waits, else to `on_error`."""
        if self._joined.is_set():
            self._context.on_error(error)
        self._refused = error
        self._joined.set()

    async def _reassign(self, assigned: Collection[TopicPartition]) -> None:
        earlier = partial(self._context.earlier_offsets, self.service)
        found = await partition_offsets(self._consumer, assigned, earlier)
        self._paused.clear()  # the client forgets it with the assignment
        for place, offsets in found.items():
            if offsets.is_carried_over:  # the client knows only its own group, and would begin at the first record
                self._consumer.seek(place, offsets.begins.watermark)
        for name, topic in self._topics.items():
            await topic.reassign({place.partition: offsets for place, offsets in found.items() if place.topic == name})

    async def _accept(self, records: Sequence[Record]) -> None:
        """Hand fetched records to their topics. Records fetched before a reassignment are dropped and redelivered."""
        generation = self._generation
        for name, of_topic in groupby(records, key=lambda record: record.topic):
            await self._committer.settled.wait()
            if generation != self._generation:
                return
            await self._topics[name].accept(list(of_topic))
            if generation == self._generation:
                self._pause_if_congested(self._topics[name])

    def _accept_acknowledged(self, record: Record) -> None:
        if self._committer.settled.is_set():
            self._topics[record.topic].accept_acknowledged(record)

    def _pause_if_congested(self, topic: GroupTopic) -> None:
        """Fetch no more of a topic while it is congested: the others have their records meanwhile."""
        name = topic.feed.topic
        if not topic.is_congested or name in self._paused:
            return
        self._consumer.pause(*topic.partitions)
        self._paused.add(name)
        self._tasks.start(self._resume(topic, self._generation), name=f"resume/{topic.feed.name}")

    async def _resume(self, topic: GroupTopic, generation: int) -> None:
        await self._changed.until(lambda: not topic.is_congested or generation != self._generation)
        if generation != self._generation:
            return
        self._paused.discard(topic.feed.topic)
        self._consumer.resume(*topic.partitions)
        self._context.publish_signal.notify(topic.feed.topic)

    async def _look_for_gaps(self) -> None:
        """Periodically compare with the start of the log: retention may delete unread records."""
        while True:
            await asyncio.sleep(GAP_LOOK_S)
            partitions = self._partitions
            try:
                first = await self._consumer.beginning_offsets(partitions) if partitions else {}
            except KafkaError as error:
                log.info("the beginning of the topics of %s is not known: %r", self.group, error)
                continue
            for name, topic in self._topics.items():
                topic.look_for_gaps({place: offset for place, offset in first.items() if place.topic == name})

    @property
    def _partitions(self) -> list[TopicPartition]:
        return [partition for topic in self._topics.values() for partition in topic.partitions]

    @property
    def _is_low_latency(self) -> bool:
        """True if a client waits for the results of any subscription."""
        return any(topic.feed.low_latency for topic in self._topics.values())

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
