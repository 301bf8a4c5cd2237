"""The stores that other tests use."""

import asyncio

import asyncpg
import pytest
from redis.asyncio import Redis

from libs.embedded.errors import EmbeddedStoreFailed
from libs.embedded.ports import is_free
from libs.embedded.store import Owner
from libs.embedded.supervised import Supervised
from libs.embedded.valkey import Valkey
from libs.testing.ports import own_port
from libs.testing.stores import postgres, running, tansu, throw_away_folders, valkey
from tests.support.embedded.stores import children

pytestmark = pytest.mark.embedded


async def test_a_throw_away_postgres_is_empty_and_gone_afterwards() -> None:
    async with postgres() as url:
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("SELECT count(*) FROM pg_stat_user_tables") == 0
        await connection.close()
    assert is_free(int(url.rpartition(":")[2].partition("/")[0]))


async def test_a_throw_away_valkey_takes_the_password_in_its_url() -> None:
    async with valkey() as url, Redis.from_url(url) as client:
        assert await client.dbsize() == 0


async def test_a_throw_away_broker_is_a_kafka_address() -> None:
    async with tansu() as bootstrap:
        host, _, port = bootstrap.rpartition(":")
        assert host == "127.0.0.1"
        assert not is_free(int(port))
    assert not children()


async def test_no_other_store_gets_the_port_of_one_that_is_down() -> None:
    """Clients that retry would go on with a store of another test."""
    with throw_away_folders() as folders:
        async with running(Valkey(folders)) as store:
            (port,) = store.launch.ports
            await store.stop()
            assert is_free(port)
            with pytest.raises(EmbeddedStoreFailed):
                own_port(lambda: [port])


def test_a_store_may_be_used_from_one_event_loop_after_another() -> None:
    with throw_away_folders() as folders:
        store = Supervised(Valkey(folders), Owner(list[str]().append))
        asyncio.run(store.start())
        before = store.pid
        store.kill()
        asyncio.run(store.restart())
        assert store.pid != before
        asyncio.run(store.stop())
    assert not children()
