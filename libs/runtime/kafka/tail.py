"""Reads one partition of a Kafka topic by assignment: without a group, so readers cause no rebalance."""

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import ConsumerStoppedError

from libs.contracts.record import Record
from libs.core.tasks import TaskSet
from libs.runtime.kafka.consumer_context import ConsumerContext
from libs.runtime.kafka.publish_signal import tune_fetches
from libs.runtime.kafka.subscriber import OnError, fetched, stopped
from libs.runtime.messaging.bus import Delivery, OffsetRange, TailSubscription


class TailConsumer:
    """One partition from its end, or from a time on."""

    def __init__(self, feed: TailSubscription, context: ConsumerContext, on_error: OnError) -> None:
        self.feed = feed
        self._context = context
        self._tasks = TaskSet(on_error)
        self._partition = TopicPartition(feed.topic, feed.partition)
        self._consumer: AIOKafkaConsumer | None = None

    async def start(self) -> OffsetRange:
        """Connect, and return only when the position is fixed: no later record can be missed. Raises KafkaError."""
        self._consumer = consumer = AIOKafkaConsumer(
            **self._context.settings.connection.client_options(),
            auto_offset_reset="latest",  # after a reset of the log only new records matter
            enable_auto_commit=False,
            fetch_max_wait_ms=self._context.settings.fetch_wait_ms,
        )
        await consumer.start()
        span = await self._positioned(consumer)
        tune_fetches(consumer, self.feed.topic, self._context.publish_signal, self._context.settings)
        self._tasks.start(self._run(consumer), name=f"tail/{self.feed.topic}/{self.feed.partition}")
        return span

    async def stop(self) -> None:
        """Stop reading; never waits for an unavailable broker."""
        await self._tasks.cancel()
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await stopped(consumer.stop(), consumer)

    async def _positioned(self, consumer: AIOKafkaConsumer) -> OffsetRange:
        consumer.assign([self._partition])
        consumer.pause(self._partition)  # a waiting fetch would delay these requests on its connection
        end = int((await consumer.end_offsets([self._partition]))[self._partition])
        start = end if self.feed.since_ms is None else await self._first_since(consumer, self.feed.since_ms, end)
        consumer.seek(self._partition, start)
        consumer.resume(self._partition)
        return OffsetRange(start, end)

    async def _first_since(self, consumer: AIOKafkaConsumer, since_ms: int, end: int) -> int:
        found = (await consumer.offsets_for_times({self._partition: since_ms}))[self._partition]
        # Without a record that young, Kafka answers with none and Tansu with a timestamp of -1.
        return end if found is None or found.timestamp < 0 else int(found.offset)

    async def _run(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            try:
                records = await fetched(consumer)
            except ConsumerStoppedError:
                return
            for record in records:
                await self._work_on(record)

    async def _work_on(self, record: Record) -> None:
        with self._context.watchdog.working(record):
            await self.feed.handle(Delivery(record, _nothing))


def _nothing() -> None:
    """Do nothing: a tail commits nothing."""
