"""Real stores under supervision."""

import os
import signal
from pathlib import Path

import asyncpg
import psutil
import pytest
from redis.asyncio import Redis

from libs.embedded.broker_check import broker_answers
from libs.embedded.choice import EmbeddedChoice
from libs.embedded.ports import is_free
from libs.embedded.supervisor import Supervisor
from libs.runtime.settings.kafka_connection import KafkaConnection
from libs.testing.waiting import eventually, waiting
from tests.support.embedded.stores import Heard, children, is_gone, remember, remembered

pytestmark = pytest.mark.embedded


def supervisor(heard: Heard, choice: EmbeddedChoice) -> Supervisor:
    return Supervisor(choice, on_event=heard.say, on_restart=heard.restarted)


async def test_after_the_block_no_process_and_no_port_is_left(tmp_path: Path) -> None:
    choice = EmbeddedChoice(tmp_path, kafka="tansu", valkey=True, postgres=True)
    async with Supervisor(choice, on_event=Heard().say) as stores:
        family = children()
        ports = [int(str(stores.kafka).rpartition(":")[2]), int(str(stores.redis_url).rpartition(":")[2][:5])]
        assert not any(map(is_free, ports))
    assert len(family) > 6
    await eventually(lambda: all(map(is_gone, family)) and all(map(is_free, ports)), within_s=30)


async def test_a_killed_valkey_comes_back_at_the_same_address(tmp_path: Path) -> None:
    heard = Heard()
    fleet = supervisor(heard, EmbeddedChoice(tmp_path, valkey=True))
    async with fleet as stores:
        os.kill(fleet.pids["valkey"], signal.SIGKILL)
        assert await heard.restart() == ("valkey", stores)
        async with Redis.from_url(str(stores.redis_url)) as client:
            await client.set("key", "value")
    assert "valkey ended unexpectedly (exit code -9), starting it again" in heard.lines


async def test_a_killed_postgres_comes_back_with_its_data_at_the_same_address(tmp_path: Path) -> None:
    heard = Heard()
    fleet = supervisor(heard, EmbeddedChoice(tmp_path, postgres=True))
    async with fleet as stores:
        await remember(stores.postgres_url, "kept")
        os.kill(fleet.pids["postgres"], signal.SIGKILL)
        assert await heard.restart() == ("postgres", stores)
        assert await remembered(stores.postgres_url) == ["kept"]


async def test_a_broker_that_comes_back_empty_says_so_by_a_new_incarnation(tmp_path: Path) -> None:
    heard = Heard()
    fleet = supervisor(heard, EmbeddedChoice(tmp_path, kafka="tansu"))
    async with fleet as before:
        os.kill(fleet.pids["kafka"], signal.SIGKILL)
        _, after = await heard.restart()
        assert after.kafka != before.kafka
        assert after.kafka_incarnation != before.kafka_incarnation
        assert fleet.stores == after
        again = KafkaConnection(str(after.kafka))
        async with waiting(60):
            while not await broker_answers(again, str(after.kafka_incarnation)):
                pass  # it has its own patience, which is short
        assert not await broker_answers(again, str(before.kafka_incarnation))


async def test_a_killed_guard_is_replaced_too(tmp_path: Path) -> None:
    heard = Heard()
    fleet = supervisor(heard, EmbeddedChoice(tmp_path, valkey=True))
    async with fleet:
        guard = psutil.Process(fleet.pids["valkey"]).parent()
        assert guard is not None
        guard.kill()
        name, _ = await heard.restart()
        assert name == "valkey"


async def test_a_store_that_dies_again_and_again_is_started_each_time(tmp_path: Path) -> None:
    heard = Heard()
    fleet = supervisor(heard, EmbeddedChoice(tmp_path, valkey=True))
    async with fleet:
        for _ in range(3):
            os.kill(fleet.pids["valkey"], signal.SIGKILL)
            await heard.restart()


async def test_postgres_keeps_its_data_and_password_across_fleets(tmp_path: Path) -> None:
    choice = EmbeddedChoice(tmp_path, postgres=True)
    async with Supervisor(choice, on_event=Heard().say) as stores:
        await remember(stores.postgres_url, "kept")
    async with Supervisor(choice, on_event=Heard().say) as stores:
        assert await remembered(stores.postgres_url) == ["kept"]


async def test_postgres_refuses_a_wrong_password(tmp_path: Path) -> None:
    async with Supervisor(EmbeddedChoice(tmp_path, postgres=True), on_event=Heard().say) as stores:
        port = str(stores.postgres_url).rpartition(":")[2]
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(f"postgresql://postgres:guess@127.0.0.1:{port}")
