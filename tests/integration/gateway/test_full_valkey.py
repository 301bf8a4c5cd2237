"""A full Valkey evicts content, and never the state of limits and promises."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from libs.adapters.quota.rates import ValkeyStore
from libs.adapters.quota.rates.token_bucket import Draw
from libs.adapters.quota.rates.valkey import RateStoreUnavailable
from libs.adapters.valkey.key_value_store import ValkeyKeyValues
from libs.ports.key_values import KeyValueStoreUnavailable
from libs.testing.stores import valkey

MEGABYTE = 1 << 20
DAY_S = 24 * 3600


@pytest.fixture
async def url(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    for store in ("libs.adapters.valkey.key_value_store", "libs.adapters.quota.rates.valkey"):
        monkeypatch.setattr(f"{store}.TIMEOUT_S", 20.0)  # a store that is full is not away
    async with valkey() as url:
        yield url


async def limited(url: str, memory: int) -> None:
    async with Redis.from_url(url) as client:
        await client.config_set("maxmemory", memory)


async def filled(url: str, notes: ValkeyKeyValues) -> None:
    """Store four times as many entries as fit."""
    await limited(url, 12 * MEGABYTE)
    for number in range(48):
        await notes.put(f"said {number}", b"x" * MEGABYTE, DAY_S, under=("of bea",))


async def test_claims_outlast_what_others_say(url: str) -> None:
    async with ValkeyKeyValues(url) as notes:
        await notes.put_if_absent("claim", b"first", DAY_S, under=("of ada",))
        await notes.put("alive", b"1", 60)
        await filled(url, notes)
        assert await notes.put_if_absent("claim", b"second", DAY_S, under=("of ada",)) == b"first"
        assert await notes.get("alive") == b"1"


async def test_buckets_and_places_of_streams_outlast_what_others_say(url: str) -> None:
    async with ValkeyKeyValues(url) as notes, ValkeyStore(url) as rates:
        await rates.draw("key", Draw(10, 10))
        await rates.open_stream("key", "one", 1)
        await filled(url, notes)
        assert (await rates.draw("key", Draw(10, 10))).granted == 0
        assert await rates.open_stream("key", "two", 1) > 0


async def test_what_was_said_longest_ago_goes_first(url: str) -> None:
    async with ValkeyKeyValues(url) as notes:
        await filled(url, notes)
        assert await notes.get("said 0") is None
        assert await notes.get("said 47") is not None


async def test_a_full_store_promises_nothing_and_the_rest_of_the_body_is_read(url: str) -> None:
    async with ValkeyKeyValues(url) as notes, ValkeyStore(url) as rates:
        await notes.put_if_absent("claim", b"first", DAY_S)
        await limited(url, 1)
        with pytest.raises(KeyValueStoreUnavailable):
            await notes.put_if_absent("other", b"first", DAY_S)
        assert await notes.get("claim") == b"first"
        with pytest.raises(RateStoreUnavailable):
            await rates.draw("key", Draw(10, 10))


async def test_what_is_over_leaves_a_full_valkey(url: str) -> None:
    async with ValkeyKeyValues(url) as notes, Redis.from_url(url) as client:
        await notes.put_if_absent("over", b"first", -1)
        await limited(url, 1)
        assert await notes.get("something else") is None
        assert await client.dbsize() == 0
