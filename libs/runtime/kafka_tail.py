"""Reading one partition of a Kafka topic from its end, by assignment."""

from faststream.kafka import KafkaBroker, TopicPartition
from faststream.middlewares import AckPolicy

from libs.runtime.bus import Delivery, TailFeed
from libs.runtime.kafka_bell import Bell, hold_empty_fetches
from libs.runtime.kafka_subscriber import OnError, Subscriber, hooked, leave, unreachable
from libs.runtime.record import Record
from libs.runtime.settings import BusSettings


class TailConsumer:
    """One partition from its end. No group, so nobody rebalances when an instance comes or goes."""

    def __init__(self, feed: TailFeed, settings: BusSettings, bell: Bell, on_error: OnError) -> None:
        self.feed = feed
        self._settings = settings
        self._bell = bell
        self._on_error = on_error
        self._subscriber: Subscriber | None = None

    def attach(self, broker: KafkaBroker) -> None:
        """Declare the subscriber."""
        subscriber = broker.subscriber(
            partitions=[TopicPartition(self.feed.topic, self.feed.partition)],
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="latest",
            no_reply=True,
            fetch_max_wait_ms=self._settings.fetch_wait_ms,
        )
        subscriber(unreachable)
        self._subscriber = hooked(subscriber, self._accept, self._on_error)

    async def start(self) -> None:
        """Connect, and return only when the position is fixed: no later record can be missed."""
        if self._subscriber is None:
            raise RuntimeError("attach() comes first")
        await self._subscriber.start()
        if (consumer := self._subscriber.consumer) is not None:
            for partition in consumer.assignment():
                await consumer.position(partition)
            if (pause_ms := self._settings.fetch_pause_ms) > 0:
                hold_empty_fetches(consumer, self.feed.topic, self._bell, pause_ms / 1000)

    async def stop(self) -> None:
        if self._subscriber is not None:
            await leave(self._subscriber)

    async def _accept(self, record: Record) -> None:
        await self.feed.process(Delivery(record, _nothing))


def _nothing() -> None:
    """A tail commits nothing."""
