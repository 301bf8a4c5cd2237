"""The Kafka implementation of the bus."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial

from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import LogicSubscriber
from faststream.middlewares import AckPolicy
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from libs.contracts.catalogue import TOPICS
from libs.contracts.topics import Placement
from libs.core.errors import ConfigurationError, Retryable
from libs.core.tasks import TaskSet, all_or_first_error
from libs.runtime.kafka.acknowledged import AcknowledgedRecords
from libs.runtime.kafka.client_internals import check_client, has_replies, offset_reset
from libs.runtime.kafka.consumer import GroupConsumer
from libs.runtime.kafka.consumer_context import ConsumerContext
from libs.runtime.kafka.earlier_groups import earlier_offsets
from libs.runtime.kafka.producer import KafkaProducer
from libs.runtime.kafka.publish_signal import PublishSignal
from libs.runtime.kafka.tail import TailConsumer
from libs.runtime.messaging.bus import OffsetRange, Subscription, TailSubscription
from libs.runtime.messaging.codec import Outgoing
from libs.runtime.settings import BusSettings
from libs.runtime.settings.kafka_connection import KafkaConnection
from libs.runtime.watchdog.work import Watchdog

log = logging.getLogger(__name__)

LISTEN_TIMEOUT_S = 5.0
METADATA_MAX_AGE_MS = 30_000  # added partitions are consumed after at most this time and a rebalance


class KafkaBus:
    """One process on a Kafka cluster."""

    def __init__(self, settings: BusSettings, instances: Mapping[str, str] | None = None) -> None:
        """`instances` maps a service to its instance name; such a service joins its groups as a static member."""
        # No logger: it would log each subscriber, and `hooked` in `subscriber.py` already receives the errors.
        self._broker = KafkaBroker(
            settings.connection.bootstrap.split(","),  # FastStream takes a string for one address
            security=faststream_security(settings.connection),
            consumer_only=True,
            allow_auto_create_topics=False,
            metadata_max_age_ms=METADATA_MAX_AGE_MS,
            logger=None,
        )
        self._settings = settings
        acknowledged = AcknowledgedRecords()
        self._producer = KafkaProducer(settings, acknowledged)
        self._signal = PublishSignal()
        self.watchdog = Watchdog(self._fail)
        self._site = ConsumerContext(
            settings, self._fail, self.watchdog, self._signal, acknowledged, instances=instances or {}
        )
        if self._site.supports_fetch_sessions:  # the log of the other broker does not outlive it
            self._site = replace(self._site, earlier_offsets=partial(earlier_offsets, settings.connection))
        self._tasks = TaskSet(self._fail)
        self._groups: dict[str, GroupConsumer] = {}
        self._tails: list[TailConsumer] = []
        self.failed = asyncio.Event()

    def add(self, feed: Subscription | TailSubscription) -> None:
        if isinstance(feed, Subscription):
            if feed.service not in self._groups:
                self._groups[feed.service] = GroupConsumer(feed.service, self._site)
            self._groups[feed.service].add(feed)
        else:
            self._tails.append(TailConsumer(feed, self._site, self._fail))

    async def start(self) -> None:
        try:
            self.declare_subscribers()
            await self._producer.start()
            await self._producer.require(self._needed_topics())
            await self._broker.connect()
            check_client()
            self._tasks.start(self.watchdog.run(), name="watchdog")
            await self._start_consumers()
        except KafkaError as error:
            await self.stop()
            raise Retryable(f"cannot consume from {self._settings.bootstrap}: {error!r}") from error
        except BaseException:
            await self.stop()
            raise

    def declare_subscribers(self) -> None:
        """Declare a subscriber for each service.

        Raises ConfigurationError if one relies on a default of the client library.
        """
        for group in self._groups.values():
            group.attach(self._broker)
        check_subscribers(self._broker)

    def _needed_topics(self) -> dict[str, int]:
        """Minimum partition count of each topic.

        A topic placed by response needs its declared count: with fewer, its growth would split open requests.
        """
        declared = {topic.name: topic.partitions for topic in TOPICS if topic.placement is Placement.RESPONSE}
        needed = {topic: declared.get(topic, 1) for group in self._groups.values() for topic in group.topics}
        for tail in self._tails:
            needed[tail.feed.topic] = max(tail.feed.partition + 1, needed.get(tail.feed.topic, 1))
        return needed

    async def _start_consumers(self) -> None:
        """Start all concurrently; the first failure cancels the others."""
        async with all_or_first_error() as starting:
            for tail in self._tails:
                starting.create_task(tail.start())
            for group in self._groups.values():
                starting.create_task(group.start())

    @asynccontextmanager
    async def listen(self, feed: TailSubscription) -> AsyncIterator[OffsetRange]:
        tail = TailConsumer(feed, self._site, _tail_ended)
        try:
            try:
                async with asyncio.timeout(LISTEN_TIMEOUT_S):
                    span = await tail.start()
            except (KafkaError, TimeoutError) as error:
                raise Retryable(f"cannot read {feed.topic}/{feed.partition}: {error!r}") from error
            yield span
        finally:
            await tail.stop()

    async def partitions(self, topic: str) -> int:
        return await self._producer.partitions(topic)

    async def send(self, records: Sequence[Outgoing]) -> None:
        try:
            self._signal.acknowledge(await self._producer.send(records))
        finally:  # an unacknowledged record may have arrived
            for topic in {record.topic.name for record in records}:
                self._signal.notify(topic)

    async def stop_subscriptions(self, services: frozenset[str], grace_s: float) -> None:
        leaving = [self._groups.pop(service) for service in services if service in self._groups]
        await asyncio.gather(*(group.stop(grace_s) for group in leaving))

    async def caught_up(self, service: str, timeout_s: float) -> bool:
        if service not in self._groups:
            return True
        try:
            async with asyncio.timeout(timeout_s):
                await self._groups[service].caught_up()
        except TimeoutError:
            return False
        return True

    async def stop(self) -> None:
        async with AsyncExitStack() as closing:
            closing.push_async_callback(self._broker.stop)
            closing.push_async_callback(self._producer.stop)
            closing.push_async_callback(self._tasks.cancel)
            for tail in self._tails:
                closing.push_async_callback(tail.stop)
            await self.stop_subscriptions(frozenset(self._groups), grace_s=0)

    async def check(self) -> str | None:
        return await self._producer.check()

    def _fail(self, error: BaseException) -> None:
        log.critical("consuming failed", exc_info=error)
        self.failed.set()


def _tail_ended(error: BaseException) -> None:
    log.error("a tail ended", exc_info=error)


def faststream_security(connection: KafkaConnection) -> BaseSecurity:
    """Convert the connection's authentication to FastStream's types."""
    sasl, tls = connection.sasl, connection.tls
    if sasl is None:
        return BaseSecurity(tls)
    kinds = {"SCRAM-SHA-512": SASLScram512, "SCRAM-SHA-256": SASLScram256, "PLAIN": SASLPlaintext}
    return kinds[sasl.mechanism](sasl.username, sasl.password, tls)


def check_subscribers(broker: KafkaBroker) -> None:
    """Reject defaults that lose messages, skip the first ones, or let a sender choose the reply topic.

    Raises ConfigurationError.
    """
    for subscriber in broker.subscribers:
        if isinstance(subscriber, LogicSubscriber) and not _is_explicit(subscriber):
            raise ConfigurationError(
                f"the subscriber of {subscriber.topic_names} relies on a default of the client library"
            )


def _is_explicit(subscriber: LogicSubscriber[object]) -> bool:
    from_group = bool(subscriber.topics)
    keeps_offsets = bool(subscriber.group_id) and offset_reset(subscriber) == "earliest"
    is_safe = subscriber.ack_policy is AckPolicy.MANUAL and not has_replies(subscriber)
    return is_safe and (keeps_offsets or not from_group)
