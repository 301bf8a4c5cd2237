"""What the producer does with a record that it was given to send."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.structs import RecordMetadata

from libs.contracts.record import Record
from libs.contracts.topics import PROGRESS
from libs.runtime.kafka.acknowledged import AcknowledgedRecords
from libs.runtime.kafka.producer import KafkaProducer
from libs.runtime.messaging.codec import Outgoing
from libs.runtime.settings import BusSettings

ACKNOWLEDGED = RecordMetadata(PROGRESS.name, 0, TopicPartition(PROGRESS.name, 0), 7, -1, 0, 0)


@pytest.mark.parametrize("deliver", [True, False])
async def test_an_acknowledged_record_is_handed_over_unless_the_setting_forbids_it(
    monkeypatch: pytest.MonkeyPatch, *, deliver: bool
) -> None:
    acknowledged, taken = AcknowledgedRecords(), list[Record]()
    acknowledged.add(PROGRESS.name, taken.append)
    producer = KafkaProducer(BusSettings(kafka_url="kafka://a:1", deliver_acknowledged=deliver), acknowledged)
    stamps: list[int] = []

    async def send(*_: object, timestamp_ms: int, **__: object) -> "asyncio.Future[RecordMetadata]":
        stamps.append(timestamp_ms)
        answer: asyncio.Future[RecordMetadata] = asyncio.get_running_loop().create_future()
        answer.set_result(ACKNOWLEDGED)
        return answer

    async def partitions(_: str) -> int:
        return 1

    client = AIOKafkaProducer(bootstrap_servers="a:1")
    monkeypatch.setattr(client, "send", send)
    monkeypatch.setattr(producer, "_producer", client)
    monkeypatch.setattr(producer, "partitions", partitions)
    assert await producer.send([Outgoing(PROGRESS, b"k", "k", (), b"{}")]) == [ACKNOWLEDGED]
    await asyncio.sleep(0)
    assert [(each.offset, each.timestamp_ms) for each in taken] == [(7, stamps[0])] * deliver
    await client.stop()
