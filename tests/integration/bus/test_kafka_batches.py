"""Batches as only a foreign producer sends them to a real broker: any codec, a bomb, header names that are no text."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidTimestampError, MessageSizeTooLargeError
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from libs.contracts.topics import PROGRESS
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.messaging.bus import Subscription
from libs.runtime.messaging.codec import encode
from libs.runtime.settings import BusSettings
from libs.testing.bus_suite.listener import Listener
from libs.testing.bus_suite.messages import facts, new_service
from libs.testing.header_names import BadName
from libs.testing.records import SIGNER

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
SOME_NAMES = [("plain", b""), (BadName(b"na\xffme"), b"\xfe")]


@asynccontextmanager
async def producer(settings: BusSettings) -> AsyncIterator[AIOKafkaProducer]:
    made = AIOKafkaProducer(**settings.connection.client_options())
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def send(producer: AIOKafkaProducer, values: list[bytes], codec: int, at_ms: int | None = None) -> None:
    """Send one batch to each partition."""
    for partition in range(PROGRESS.partitions):
        batch = producer.create_batch()
        batch._builder = _DefaultRecordBatchBuilderPy(2, codec, 0, -1, -1, 0, 1 << 30)
        for value in values:
            assert batch.append(key=None, value=value, timestamp=at_ms, headers=SOME_NAMES) is not None
        await (await producer.send_batch(batch, PROGRESS.name, partition=partition))


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
async def test_what_a_foreign_producer_sent_stops_no_consumer(settings: BusSettings, codec: int) -> None:
    before, after = facts("1", "2")
    heard, bus = Listener(before, after), KafkaBus(settings)
    bus.add(Subscription(new_service(), PROGRESS.name, heard))
    await bus.start()
    async with producer(settings) as foreign:
        await bus.send([encode(before, SIGNER)[0]])
        await send(foreign, [b"first", b"second"], codec)
        await bus.send([encode(after, SIGNER)[0]])
        await heard.received_all("12")
    assert not bus.failed.is_set()
    await bus.stop()


@pytest.mark.parametrize("at_ms", [-(2**62), -2, 0, 2**62])
async def test_a_record_of_any_time_stops_no_consumer(settings: BusSettings, at_ms: int) -> None:
    """The broker rejects times that are too far ahead."""
    (after,) = facts("1")
    heard, bus = Listener(after), KafkaBus(settings)
    bus.add(Subscription(new_service(), PROGRESS.name, heard))
    await bus.start()
    async with producer(settings) as foreign:
        with suppress(InvalidTimestampError):
            await send(foreign, [b"of another time"], 0, at_ms)
        await bus.send([encode(after, SIGNER)[0]])
        await heard.received_all("1")
    assert not bus.failed.is_set()
    await bus.stop()


@pytest.mark.parametrize("codec", [number for number in CODECS.values() if number], ids=[*CODECS][1:])
async def test_a_batch_that_unpacks_to_more_than_a_record_may_hold_is_refused(
    settings: BusSettings, codec: int
) -> None:
    async with producer(settings) as foreign:
        with pytest.raises(MessageSizeTooLargeError):
            await send(foreign, [bytes(8_000_000)], codec)
