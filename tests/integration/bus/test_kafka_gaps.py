"""Retention that is faster than a group, on a real Kafka: the loss is logged, and the group continues with the rest."""

import logging
from collections.abc import AsyncIterator

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from libs.adapters.kafka.topics import ensure_topics
from libs.contracts.topics import PROGRESS
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.messaging.bus import Subscription
from libs.runtime.settings import BusSettings
from libs.testing.bus_suite.listener import WAIT_TIMEOUT_S, Listener
from libs.testing.bus_suite.messages import facts, new_service, publish_messages
from libs.testing.native_kafka import native_kafka

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

KEPT_FROM = 15


@pytest.fixture
async def settings() -> AsyncIterator[BusSettings]:
    async with native_kafka() as started:
        settings = BusSettings(kafka_url=f"kafka://{started.bootstrap}")
        await ensure_topics(settings)
        yield settings


async def delete_before(settings: BusSettings, partition: int, offset: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(PROGRESS.name, partition): RecordsToDelete(offset)})
    finally:
        await admin.close()


async def test_what_retention_deletes_ahead_of_a_group_is_told(
    settings: BusSettings, caplog: pytest.LogCaptureFixture
) -> None:
    service, said = new_service(), facts(*map(str, range(20)))
    first, second = Listener(*said, unfinished={str(number) for number in range(5, 20)}), Listener(*said)
    bus = KafkaBus(settings)
    bus.add(Subscription(service, PROGRESS.name, first))
    await bus.start()
    await publish_messages(bus, *said)
    await first.received_all(map(str, range(20)))
    partition = first.deliveries[0].record.partition
    await bus.stop()
    await delete_before(settings, partition, KEPT_FROM)

    again = KafkaBus(settings)
    again.add(Subscription(service, PROGRESS.name, second))
    with caplog.at_level(logging.ERROR, "libs"):
        await again.start()
        await second.received_all(map(str, range(KEPT_FROM, 20)))
        assert await again.caught_up(service, WAIT_TIMEOUT_S)
        await again.stop()
    ours = (line for line in caplog.records if line.name == "libs.runtime.ledger.gap_alarm")
    (told,) = [line.getMessage() for line in ours]
    assert told.startswith(f"10 unread offsets of {PROGRESS.name}/{partition} were deleted by retention ({service}.")
    assert sorted(map(int, second.words)) == list(range(KEPT_FROM, 20))
