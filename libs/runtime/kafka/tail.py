"""Reads one partition of a Kafka topic by assignment: without a group, so readers cause no rebalance."""

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import ConsumerStoppedError

from libs.contracts.record import Record
from libs.core.tasks import TaskSet
from libs.runtime.kafka.acknowledged import LocalRecords
from libs.runtime.kafka.consumer_context import FETCH_LOOP_MS, ConsumerContext
from libs.runtime.kafka.fetch_session import FetchWait
from libs.runtime.kafka.publish_signal import tune_fetches
from libs.runtime.kafka.subscriber import OnError, fetched, stopped
from libs.runtime.messaging.bus import Delivery, OffsetRange, TailSubscription

MOST_WAITING = 256  # records that wait for the handler


class TailConsumer:
    """One partition from its end, or from a time on."""

    def __init__(self, feed: TailSubscription, context: ConsumerContext, on_error: OnError) -> None:
        self.feed = feed
        self._context = context
        self._tasks = TaskSet(on_error)
        self._partition = TopicPartition(feed.topic, feed.partition)
        self._consumer: AIOKafkaConsumer | None = None
        self._local = LocalRecords(context.clock)
        self._next = 0  # offset
        self._fetched = -1
        self._waiting: asyncio.Queue[Record] = asyncio.Queue(MOST_WAITING)
        self._is_adding = False

    async def start(self) -> OffsetRange:
        """Connect, and return only when the position is fixed: no later record can be missed. Raises KafkaError."""
        self._consumer = consumer = AIOKafkaConsumer(
            **self._context.settings.connection.client_options(),
            auto_offset_reset="latest",  # after a reset of the log only new records matter
            enable_auto_commit=False,
            fetch_max_wait_ms=self._context.settings.fetch_wait_ms,
            consumer_timeout_ms=FETCH_LOOP_MS,
        )
        await consumer.start()
        span = await self._positioned(consumer)
        context, topic = self._context, self.feed.topic
        tune_fetches(consumer, [topic], context.publish_signal, context.settings, self._fetch_wait)
        self._next = span.start
        context.acknowledged.add(topic, self._take_acknowledged)
        self._tasks.start(self._fetch(consumer), name=f"tail/{topic}/{self.feed.partition}")
        self._tasks.start(self._handle(), name=f"handle/{topic}/{self.feed.partition}")
        return span

    async def stop(self) -> None:
        """Stop reading; never waits for an unavailable broker."""
        self._context.acknowledged.remove(self.feed.topic, self._take_acknowledged)
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

    async def _fetch(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            try:
                records = await fetched(consumer)
            except ConsumerStoppedError:
                return
            for record in records:
                await self._take(record)

    async def _take(self, record: Record) -> None:
        is_confirmed = self._local.confirm(record)
        if record.offset <= self._fetched or not is_confirmed:  # the log was truncated
            self._local.forget([record.partition])
            self._next = record.offset
        self._fetched = record.offset
        if record.offset < self._next:
            return  # it was handed over
        self._next = record.offset + 1
        self._is_adding = True  # no later record may overtake this one while the queue is full
        try:
            await self._waiting.put(record)
        finally:
            self._is_adding = False

    def _take_acknowledged(self, record: Record) -> None:
        """Take a record of this process if it is the next one; else the fetch brings it."""
        if record.partition != self.feed.partition:
            return
        if record.offset < self._next:
            self._local.acknowledged_late(record.partition, record.offset)
        elif record.offset == self._next and not self._is_behind():
            self._next += 1
            self._local.handed_over(record)
            self._waiting.put_nowait(record)

    def _fetch_wait(self) -> FetchWait:
        return FetchWait.RELAXED if self._local.is_relaxed else FetchWait.URGENT

    def _is_behind(self) -> bool:
        """True while the handler or the fetch has too much before it."""
        return self._is_adding or self._waiting.full() or self._local.is_full(self.feed.partition)

    async def _handle(self) -> None:
        while True:
            record = await self._waiting.get()
            with self._context.watchdog.working(record):
                await self.feed.handle(Delivery(record, _nothing))


def _nothing() -> None:
    """Do nothing: a tail commits nothing."""
