"""Rate store in Valkey."""

from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager

from redis.commands.core import AsyncScript

from libs.adapters.quota.rates.store import LEASE_S, StoreRefused
from libs.adapters.quota.rates.token_bucket import LONGEST_DEBT_S, SHARE, WINDOW_S, Draw, Drawn
from libs.adapters.valkey.client import STORE_UNAVAILABLE, is_our_fault, valkey_client
from libs.adapters.valkey.held_keys import HELD, INDEX
from libs.core.errors import Retryable
from libs.core.resource import Resource

TIMEOUT_S = 0.5
_CONNECTIONS = 8

# The same arithmetic as in token_bucket.py; a test compares both.
_DRAW = f"""{HELD}
local limit, need, owed = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local window, share = tonumber(ARGV[4]), tonumber(ARGV[5])
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
hold(KEYS[1], math.min((limit - level) * window / limit + 1, tonumber(ARGV[6])))
return {{granted, string.format('%.6f', level)}}
"""
_OPEN = f"""{HELD}
local limit, lease, stream = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local now_ms = math.floor(now * 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now_ms)
if not redis.call('ZSCORE', KEYS[1], stream) and redis.call('ZCARD', KEYS[1]) >= limit then
    return redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] - now_ms
end
redis.call('ZADD', KEYS[1], now_ms + lease, stream)
hold(KEYS[1], lease / 1000)
return 0
"""
_RENEW = f"""{HELD}
for i = 2, #ARGV do
    redis.call('ZADD', KEYS[1], math.floor(now * 1000) + ARGV[1], ARGV[i])
end
hold(KEYS[1], ARGV[1] / 1000)
"""


class RateStoreUnavailable(Retryable):
    """Valkey cannot be reached."""

    code = "valkey_unavailable"


class ValkeyStore(Resource):
    """Connects at its first use; leaving it closes the connections.

    Each call runs one short script on one key, by Valkey's clock. A script whose reply was lost is not sent again: that
    costs the key at most part of one minute.
    """

    def __init__(self, url: str) -> None:
        self._client = valkey_client(url, TIMEOUT_S, _CONNECTIONS)
        self._draw = self._client.register_script(_DRAW)
        self._open = self._client.register_script(_OPEN)
        self._renew = self._client.register_script(_RENEW)

    async def _enter(self, stack: AsyncExitStack) -> None:
        stack.push_async_callback(self._client.aclose)

    async def draw(self, name: str, draw: Draw) -> Drawn:
        words = (draw.limit, draw.need, draw.owed, WINDOW_S, SHARE, LONGEST_DEBT_S)
        reply = await _run(self._draw, _bucket(name), *words)
        if not (isinstance(reply, list) and len(reply) == 2):
            raise RateStoreUnavailable(f"REDIS_URL: {reply!r} is no reply to a draw")
        return Drawn(int(reply[0]), float(reply[1]))

    async def open_stream(self, name: str, stream: str, limit: int) -> float:
        reply = await _run(self._open, _streams(name), limit, int(LEASE_S * 1000), stream)
        return float(str(reply)) / 1000

    async def renew(self, name: str, streams: Sequence[str]) -> None:
        await _run(self._renew, _streams(name), int(LEASE_S * 1000), *streams)

    async def close_streams(self, name: str, streams: Sequence[str]) -> None:
        with _translated_errors():
            await self._client.zrem(_streams(name), *streams)


async def _run(script: AsyncScript, key: str, *words: str | float) -> object:
    with _translated_errors():
        return await script(keys=[key, INDEX], args=list(words))


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except STORE_UNAVAILABLE as error:
        if is_our_fault(error):
            raise StoreRefused(f"REDIS_URL: {error}") from error
        raise RateStoreUnavailable(f"REDIS_URL: {error}") from error


def _bucket(name: str) -> str:
    return f"moe:rate:{name}"


def _streams(name: str) -> str:
    return f"moe:streams:{name}"
