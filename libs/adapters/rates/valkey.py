"""Buckets and leases in Valkey: one short script each, by Valkey's own clock, on one key that expires by itself.

A script that has run and whose reply was lost is not sent again: that costs the key a part of one minute, never more.
"""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript

from libs.adapters.rates.bucket import SHARE, WINDOW_S, Draw, Drawn
from libs.adapters.rates.store import LEASE_S
from libs.adapters.valkey_deltas.connection import STORE_AWAY
from libs.core.errors import Retryable

TIMEOUT_S = 0.5
_CONNECTIONS = 8

# The same arithmetic as in bucket.py, which a test holds against it.
_DRAW = """
local limit, need, owed = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local window, share = tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local known = redis.call('HMGET', KEYS[1], 'level', 'at')
local level = limit
if known[1] then
    level = math.min(limit, known[1] + math.max(0, now - known[2]) * limit / window)
end
level = math.min(limit, level - owed)
local granted = 0
if need > 0 and need <= level then
    granted = math.max(need, math.floor(math.floor(level) / share))
end
level = level - granted
redis.call('HSET', KEYS[1], 'level', string.format('%.6f', level), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((limit - level) * window / limit * 1000) + 1000)
return {granted, string.format('%.6f', level)}
"""
_OPEN = """
local limit, lease, stream = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if not redis.call('ZSCORE', KEYS[1], stream) and redis.call('ZCARD', KEYS[1]) >= limit then
    return redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] - now
end
redis.call('ZADD', KEYS[1], now + lease, stream)
redis.call('PEXPIRE', KEYS[1], lease)
return 0
"""
_RENEW = """
local time = redis.call('TIME')
local until_ms = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1]
for i = 2, #ARGV do
    redis.call('ZADD', KEYS[1], until_ms, ARGV[i])
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
"""


class RatesAway(Retryable):
    """Valkey cannot be reached."""

    code = "valkey_unavailable"


class ValkeyStore:
    """A RateStore. Connects at its first use; leaving it closes the connections."""

    def __init__(self, url: str) -> None:
        self._client = Redis.from_pool(
            BlockingConnectionPool.from_url(  # a thousand streams at once wait for a turn
                url,
                timeout=TIMEOUT_S,
                socket_timeout=TIMEOUT_S,
                socket_connect_timeout=TIMEOUT_S,
                max_connections=_CONNECTIONS,
                retry=Retry(NoBackoff(), 0),
            )
        )
        self._draw = self._client.register_script(_DRAW)
        self._open = self._client.register_script(_OPEN)
        self._renew = self._client.register_script(_RENEW)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def draw(self, name: str, draw: Draw) -> Drawn:
        """See RateStore."""
        reply = await _run(self._draw, _bucket(name), draw.limit, draw.need, draw.owed, WINDOW_S, SHARE)
        if not (isinstance(reply, list) and len(reply) == 2):
            raise RatesAway(f"REDIS_URL: {reply!r} is no reply to a draw")
        return Drawn(int(reply[0]), float(reply[1]))

    async def open_stream(self, name: str, stream: str, limit: int) -> float:
        """See RateStore."""
        reply = await _run(self._open, _streams(name), limit, int(LEASE_S * 1000), stream)
        return float(str(reply)) / 1000

    async def renew(self, name: str, streams: Sequence[str]) -> None:
        """See RateStore."""
        await _run(self._renew, _streams(name), int(LEASE_S * 1000), *streams)

    async def close_streams(self, name: str, streams: Sequence[str]) -> None:
        """See RateStore."""
        try:
            await self._client.zrem(_streams(name), *streams)
        except STORE_AWAY as error:
            raise RatesAway(f"REDIS_URL: {error}") from error


async def _run(script: AsyncScript, key: str, *words: str | float) -> object:
    try:
        return await script(keys=[key], args=list(words))
    except STORE_AWAY as error:
        raise RatesAway(f"REDIS_URL: {error}") from error


def _bucket(name: str) -> str:
    return f"moe:rate:{name}"


def _streams(name: str) -> str:
    return f"moe:streams:{name}"
