"""The bus on Kafka."""

import asyncio
import logging
from collections.abc import Sequence

from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import LogicSubscriber
from faststream.middlewares import AckPolicy

from libs.core.errors import ConfigurationError
from libs.runtime.bus import Feed, TailFeed
from libs.runtime.codec import Outgoing
from libs.runtime.kafka_consumer import GroupConsumer, TailConsumer
from libs.runtime.kafka_producer import KafkaProducer
from libs.runtime.settings import BusSettings

log = logging.getLogger(__name__)


class KafkaBus:
    """One process on a Kafka cluster. `failed` is set when consuming can no longer be trusted: end the process then."""

    def __init__(self, settings: BusSettings) -> None:
        self._broker = KafkaBroker(
            settings.bootstrap, consumer_only=True, allow_auto_create_topics=False, logger=log, log_level=logging.DEBUG
        )
        self._settings = settings
        self._producer = KafkaProducer(settings)
        self._groups: list[GroupConsumer] = []
        self._tails: list[TailConsumer] = []
        self.failed = asyncio.Event()

    def add(self, feed: Feed | TailFeed) -> None:
        if isinstance(feed, Feed):
            group = GroupConsumer(feed, self._settings, self._fail)
            group.attach(self._broker)
            self._groups.append(group)
        else:
            tail = TailConsumer(feed, self._settings)
            tail.attach(self._broker)
            self._tails.append(tail)

    async def start(self) -> None:
        await self._producer.start()
        await self._broker.connect()
        self.check_subscribers()
        await asyncio.gather(*(tail.start() for tail in self._tails))
        await asyncio.gather(*(group.start() for group in self._groups))

    async def send(self, records: Sequence[Outgoing]) -> None:
        await self._producer.send(records)

    async def stop_feeds(self, services: frozenset[str], grace_s: float) -> None:
        leaving = [group for group in self._groups if group.feed.service in services]
        await asyncio.gather(*(group.stop(grace_s) for group in leaving))
        self._groups = [group for group in self._groups if group not in leaving]

    async def caught_up(self, service: str, timeout_s: float) -> bool:
        try:
            async with asyncio.timeout(timeout_s):
                await asyncio.gather(*(group.caught_up() for group in self._groups if group.feed.service == service))
        except TimeoutError:
            return False
        return True

    async def stop(self) -> None:
        await self.stop_feeds(frozenset(group.feed.service for group in self._groups), grace_s=0)
        await asyncio.gather(*(tail.stop() for tail in self._tails))
        await self._producer.stop()
        await self._broker.stop()

    async def check(self) -> str | None:
        return await self._producer.check()

    def check_subscribers(self) -> None:
        """Raise ConfigurationError if one of ours relies on a default of the client library."""
        check_subscribers(self._broker)

    def _fail(self, error: BaseException) -> None:
        log.critical("consuming failed", exc_info=error)
        self.failed.set()


def check_subscribers(broker: KafkaBroker) -> None:
    """Refuse defaults that lose messages, skip the first ones, or let a sender choose where replies go."""
    for subscriber in broker.subscribers:
        if isinstance(subscriber, LogicSubscriber) and not _is_explicit(subscriber):
            raise ConfigurationError(
                f"the subscriber of {subscriber.topic_names} relies on a default of the client library"
            )


def _is_explicit(subscriber: LogicSubscriber[object]) -> bool:
    from_group = bool(subscriber.topics)
    keeps_offsets = bool(subscriber.group_id) and subscriber._connection_args.get("auto_offset_reset") == "earliest"
    replies = not subscriber._no_reply
    return subscriber.ack_policy is AckPolicy.MANUAL and not replies and (keeps_offsets or not from_group)
