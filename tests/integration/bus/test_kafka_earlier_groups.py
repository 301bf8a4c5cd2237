"""Offsets of the groups of an earlier version, one for each topic: a service goes on where they were, once."""

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from libs.contracts.topics import ASK_EXPERT_T1, PROGRESS
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.ledger.metadata import encode
from libs.runtime.ledger.partition import Progress
from libs.runtime.messaging import codec
from libs.runtime.messaging.bus import Subscription
from libs.runtime.settings import BusSettings
from libs.testing.bus_suite.listener import Listener
from libs.testing.bus_suite.messages import facts, new_service
from libs.testing.records import SIGNER

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
WORDS = tuple(f"w{number}" for number in range(8))


async def commit_as_before(settings: BusSettings, group: str, offsets: dict[TopicPartition, OffsetAndMetadata]) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.bootstrap, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(list(offsets))
        await consumer.commit(offsets)
    finally:
        await consumer.stop()


async def test_a_service_goes_on_where_its_earlier_groups_were(settings: BusSettings) -> None:
    service, events = new_service(), facts(*WORDS)
    publisher = KafkaBus(settings)
    await publisher.start()
    first = await publisher._producer.send([codec.encode(fact, SIGNER)[0] for fact in events])
    place, start = TopicPartition(PROGRESS.name, first[0].partition), first[0].offset
    done = Progress(start + 2, ((start + 3, start + 5),))
    group = f"{service}.{PROGRESS.name}"
    await commit_as_before(settings, group, {place: OffsetAndMetadata(done.watermark, encode(done))})
    received = []
    try:
        for unfinished, expected in (({"w5"}, {"w2", "w5", "w6", "w7"}), (set[str](), {"w5"})):
            listener = Listener(*events, unfinished=unfinished)
            member = KafkaBus(settings)
            member.add(Subscription(service, PROGRESS.name, listener))
            member.add(Subscription(service, ASK_EXPERT_T1.name, Listener()))
            await member.start()
            try:
                await listener.received_all(expected)
            finally:
                await member.stop()
            received.append(sorted(listener.words))
            # What the earlier group does from now on is its own affair: the service has offsets.
            await commit_as_before(settings, group, {place: OffsetAndMetadata(start + 8, "")})
    finally:
        await publisher.stop()
    assert received == [["w2", "w5", "w6", "w7"], ["w5"]]
