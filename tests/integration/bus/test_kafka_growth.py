"""Topics that get more partitions while processes run, and more than one broker address."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from libs.contracts.message import Message
from libs.contracts.topics import ASK_EXPERT_T1, PROGRESS, RUN_TOOL
from libs.runtime.kafka import bus as kafka
from libs.runtime.kafka import consumer
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.messaging.bus import Subscription
from libs.runtime.messaging.codec import encode
from libs.runtime.settings import BusSettings
from libs.testing.bus_suite.listener import Listener
from libs.testing.bus_suite.messages import facts, new_service, tool_runs
from libs.testing.ports import own_port
from libs.testing.records import SIGNER

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
GROWN = 48
WORDS = tuple(f"p{number}" for number in range(200))  # enough for every new partition to get some


@pytest.fixture
async def admin(settings: BusSettings) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    await client.start()
    yield client
    await client.close()


async def send(bus: KafkaBus, *messages: Message) -> None:
    await bus.send([encode(message, SIGNER)[0] for message in messages])


async def test_members_consume_the_partitions_that_a_command_topic_gets(
    settings: BusSettings, admin: AIOKafkaAdminClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "METADATA_MAX_AGE_MS", 200)
    commands = tool_runs(*WORDS)
    heard = Listener(*commands)
    running, started_later = KafkaBus(settings), KafkaBus(settings)
    running.add(Subscription(new_service(), RUN_TOOL.name, heard))
    await running.start()
    try:
        await admin.create_partitions({RUN_TOOL.name: NewPartitions(GROWN)})
        await started_later.start()
        await send(started_later, *commands)
        await heard.received_all(WORDS)
    finally:
        await started_later.stop()
        await running.stop()
    assert {delivery.record.partition for delivery in heard.deliveries} - set(range(RUN_TOOL.partitions))


async def test_a_member_that_came_back_consumes_what_its_topic_got_meanwhile(
    settings: BusSettings, admin: AIOKafkaAdminClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gets its old partitions without a new generation of the group, and does not know that it leads."""
    monkeypatch.setattr(consumer, "leave_group_on_stop", lambda _consumer: None)  # as if it was killed
    commands = tool_runs(*WORDS)
    heard = Listener(*commands)
    service = new_service()
    for number in range(2):
        member = KafkaBus(settings, {service: "0"})
        member.add(Subscription(service, ASK_EXPERT_T1.name, heard))
        await member.start()
        if number == 0:
            await member.stop()
            await admin.create_partitions({ASK_EXPERT_T1.name: NewPartitions(GROWN)})
    try:
        await member.send([replace(encode(command, SIGNER)[0], topic=ASK_EXPERT_T1) for command in commands])
        await heard.received_all(WORDS)
    finally:
        await member.stop()
    assert {delivery.record.partition for delivery in heard.deliveries} - set(range(ASK_EXPERT_T1.partitions))


async def test_facts_of_a_response_stay_on_one_partition_when_their_topic_grows(
    settings: BusSettings, admin: AIOKafkaAdminClient
) -> None:
    responses = [facts("before", "after") for _ in range(20)]
    heard = Listener(*(fact for response in responses for fact in response))
    running, started_later = KafkaBus(settings), KafkaBus(settings)
    running.add(Subscription(new_service(), PROGRESS.name, heard))
    await running.start()
    try:
        await send(running, *(response[0] for response in responses))
        await admin.create_partitions({PROGRESS.name: NewPartitions(GROWN)})
        await started_later.start()
        await send(started_later, *(response[1] for response in responses))
        await heard.wait_until(lambda: len(heard.deliveries) == 2 * len(responses))
    finally:
        await started_later.stop()
        await running.stop()
    places: dict[bytes | None, set[int]] = {}
    for delivery in heard.deliveries:
        places.setdefault(delivery.record.key, set()).add(delivery.record.partition)
    assert [place for place in places.values() if len(place) != 1] == []


async def test_a_process_starts_when_one_of_its_brokers_is_away(settings: BusSettings) -> None:
    both = BusSettings(kafka_url=f"kafka://127.0.0.1:{own_port()},{settings.bootstrap}")
    said = facts("1")
    heard = Listener(*said)
    bus = KafkaBus(both)
    bus.add(Subscription(new_service(), PROGRESS.name, heard))
    await bus.start()
    try:
        await send(bus, *said)
        await heard.received_all("1")
    finally:
        await bus.stop()
