"""The baseline: one record through aiokafka alone, from send to receipt, acknowledged by all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from libs.runtime.settings import BusSettings
from tests.bench.measure import Once

TOPIC = "bench.raw"
VALUE = b"x" * 1000


@asynccontextmanager
async def raw_hop(kafka: BusSettings) -> AsyncIterator[Once]:
    """Yield a call that sends one record and returns when the consumer has it."""
    await _create_topic(kafka)
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all", enable_idempotence=True, linger_ms=0)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, auto_offset_reset="latest", enable_auto_commit=False)
    partition = TopicPartition(TOPIC, 0)
    consumer.assign([partition])
    await producer.start()
    await consumer.start()
    await consumer.seek_to_end(partition)
    await consumer.position(partition)

    async def once() -> None:
        await producer.send_and_wait(TOPIC, VALUE, partition=0)
        await consumer.getone()

    try:
        yield once
    finally:
        await consumer.stop()
        await producer.stop()


async def _create_topic(kafka: BusSettings) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    if TOPIC not in await admin.list_topics():
        await admin.create_topics([NewTopic(TOPIC, num_partitions=1, replication_factor=1)])
    await admin.close()
