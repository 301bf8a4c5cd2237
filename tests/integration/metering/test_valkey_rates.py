"""Valkey implements the arithmetic of the token buckets, and grants no token twice."""

import asyncio
from collections.abc import AsyncIterator
from secrets import token_hex

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from libs.adapters.quota.rates import RateLimiter, ValkeyStore
from libs.adapters.quota.rates.store import StoreRefused
from libs.adapters.quota.rates.token_bucket import WINDOW_S, Draw, TokenBucket
from libs.adapters.quota.rates.valkey import RateStoreUnavailable
from libs.adapters.valkey.client import is_our_fault
from libs.adapters.valkey.held_keys import INDEX
from libs.ports.identity import Caller, KeyLimits
from libs.ports.quota import QuotaRequest, RateLimited


@pytest_asyncio.fixture
async def store(valkey_url: str) -> AsyncIterator[ValkeyStore]:
    async with ValkeyStore(valkey_url) as opened:
        yield opened


@pytest.fixture
def name() -> str:
    return token_hex(8)


def caller(key: str, requests: int = 0, tokens: int = 0, streams: int = 0) -> Caller:
    return Caller("acme", "julia", key, limits=KeyLimits(requests, tokens, streams))


async def test_the_script_and_the_described_bucket_agree(store: ValkeyStore, name: str, valkey_url: str) -> None:
    bucket = TokenBucket(30, 0.0)
    async with Redis.from_url(valkey_url) as client:
        for draw in (Draw(30, 1), Draw(30, 7, 3), Draw(30, 0, -4), Draw(30, 40), Draw(30, 0, 50), Draw(30, 1)):
            drawn = await store.draw(name, draw)
            bucket, expected = bucket.draw(draw, await drawn_at(client, name))
            assert drawn.granted == expected.granted
            assert drawn.level == pytest.approx(expected.level, abs=0.01)


async def test_a_bucket_expires_when_it_would_be_full_again(store: ValkeyStore, name: str, valkey_url: str) -> None:
    await store.draw(name, Draw(60, 3))
    async with Redis.from_url(valkey_url) as client:
        ends = await client.zscore(INDEX, f"moe:rate:{name}")
        assert ends is not None
        assert ends - await drawn_at(client, name) == pytest.approx(3 + 1, abs=0.01)


@pytest.mark.parametrize("owed", [10**15, 1 << 66])
async def test_a_bucket_that_owes_very_much_expires_in_a_day(
    store: ValkeyStore, name: str, valkey_url: str, owed: int
) -> None:
    await store.draw(name, Draw(10, 0, owed))
    async with Redis.from_url(valkey_url) as client:
        assert 86_000 < await left_s(client, f"moe:rate:{name}") <= 86_400


async def test_what_a_script_cannot_do_is_no_outage(valkey_url: str, name: str) -> None:
    async with ValkeyStore(valkey_url) as store:
        with pytest.raises(StoreRefused):
            await store.draw(name, Draw(0, 1))


@pytest.mark.parametrize(("code", "ours"), [("ERR", True), ("MISCONF", False), ("READONLY", False), ("OOM", False)])
async def test_only_an_error_without_a_code_of_its_own_is_our_fault(valkey_url: str, code: str, *, ours: bool) -> None:
    async with Redis.from_url(valkey_url) as client:
        with pytest.raises(ResponseError) as caught:
            await client.eval(f"return redis.error_reply('{code} not now')", 0)
    assert is_our_fault(caught.value) is ours


async def test_gateways_that_ask_at_once_get_the_limit_together(valkey_url: str, name: str) -> None:
    who = caller(name, requests=200)
    async with ValkeyStore(valkey_url) as one, ValkeyStore(valkey_url) as other, Redis.from_url(valkey_url) as client:
        rates = [RateLimiter(one), RateLimiter(other)]
        tries = [_passed(rates[number % 2], who, f"r{number}") for number in range(600)]
        began = await now_of(client)
        passed = sum(await asyncio.gather(*tries))
        assert 200 <= passed <= 200 + (await now_of(client) - began) * 200 / WINDOW_S


async def test_a_stream_holds_its_place_until_it_ends(valkey_url: str, name: str) -> None:
    who = caller(name, streams=2)
    async with ValkeyStore(valkey_url) as store, RateLimiter(store) as rates, ValkeyStore(valkey_url) as other:
        passes = [await rates.reserve(QuotaRequest(who, f"r{number}", 1, stream=True)) for number in range(2)]
        assert await other.open_stream(f"acme:{name}", "r9", 2) > 0
        passes[0].settle(None)
        await rates.end_leases()
        assert await other.open_stream(f"acme:{name}", "r9", 2) == 0


async def test_a_stream_that_asks_again_takes_no_second_place(store: ValkeyStore, name: str) -> None:
    assert [await store.open_stream(name, "r1", 1) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert await store.open_stream(name, "r2", 1) > 0


async def test_leases_are_renewed_and_run_out(store: ValkeyStore, name: str, valkey_url: str) -> None:
    await store.open_stream(name, "r1", 1)
    async with Redis.from_url(valkey_url) as client:
        first = await client.zscore(f"moe:streams:{name}", "r1")
        await store.renew(name, ["r1", "r2"])
        renewed = [await client.zscore(f"moe:streams:{name}", each) for each in ("r1", "r2")]
        assert all(score is not None and first is not None and score >= first for score in renewed)
        await client.zadd(f"moe:streams:{name}", {"r1": 1, "r2": 1})
    assert await store.open_stream(name, "r3", 1) == 0


async def test_a_valkey_that_was_emptied_only_forgets(store: ValkeyStore, name: str, valkey_url: str) -> None:
    await store.draw(name, Draw(10, 10))
    async with Redis.from_url(valkey_url) as client:
        await client.delete(f"moe:rate:{name}")
        await client.script_flush()
    assert (await store.draw(name, Draw(10, 10))).granted == 10


async def test_a_valkey_that_is_away_is_told_as_such() -> None:
    async with ValkeyStore("redis://127.0.0.1:1") as store:
        with pytest.raises(RateStoreUnavailable):
            await store.draw("k", Draw(1, 1))
        with pytest.raises(RateStoreUnavailable):
            await store.close_streams("k", ["r"])


async def left_s(client: Redis, key: str) -> float:
    """Seconds until a key is over."""
    ends = await client.zscore(INDEX, key)
    assert ends is not None
    return ends - await now_of(client)


async def now_of(client: Redis) -> float:
    seconds, micros = await client.time()
    return float(seconds + micros / 1e6)


async def drawn_at(client: Redis, name: str) -> float:
    """Last withdrawal from a bucket, by the clock of the store."""
    at = await client.hget(f"moe:rate:{name}", "at")
    assert at is not None
    return float(at)


async def _passed(rates: RateLimiter, who: Caller, name: str) -> bool:
    try:
        await rates.reserve(QuotaRequest(who, name, 1))
    except RateLimited:
        return False
    return True
