"""Key-value store in Valkey."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

from redis.exceptions import ResponseError

from libs.adapters.valkey.client import STORE_UNAVAILABLE, is_our_fault, valkey_client
from libs.adapters.valkey.held_keys import HELD, INDEX
from libs.core.clock import Clock, SystemClock
from libs.core.resource import Resource
from libs.ports.key_values import KeyValueStoreUnavailable

log = logging.getLogger(__name__)

TIMEOUT_S = 0.25
REST_S = 1.0
_CONNECTIONS = 64
# A list expires with its longest-lived value; expired values leave it.
_LIST = """
for at = 2, #KEYS - 1 do
    redis.call('ZREMRANGEBYSCORE', KEYS[at], '-inf', now - 1)
    redis.call('ZADD', KEYS[at], now + ARGV[2], KEYS[1])
    redis.call('ZADD', index, 'GT', now + ARGV[2], KEYS[at])
end
"""
_GET = f"""{HELD}
return redis.call('GET', KEYS[1])
"""
_PUT = f"""{HELD}
redis.call('SET', KEYS[1], ARGV[1])
hold(KEYS[1], ARGV[2])
"""
_CLAIM = f"""{HELD}
local before = redis.call('GET', KEYS[1])
if before then
    return before
end
redis.call('SET', KEYS[1], ARGV[1])
hold(KEYS[1], ARGV[2])
{_LIST}
return false
"""
_REPLACE = f"""{HELD}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return 0
end
if ARGV[2] == '' then
    remove(KEYS[1])
else
    redis.call('SET', KEYS[1], ARGV[2])
    hold(KEYS[1], ARGV[3])
end
return 1
"""
# Content of a data subject is long, and may be evicted.
_SAY = f"""{HELD}
redis.call('ZREM', index, KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
{_LIST}
"""


class ValkeyKeyValues(Resource):
    """Connects at its first use; leaving it closes the connections.

    While Valkey is unavailable, every call but one a second fails at once. Values that `put` stores on a data subject's
    list may be evicted. Other values, those of `put_if_absent`, and the lists are held until they expire.
    """

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._resting_until = 0.0
        self._client = valkey_client(url, TIMEOUT_S, _CONNECTIONS)
        self._get = self._client.register_script(_GET)
        self._put = self._client.register_script(_PUT)
        self._script = self._client.register_script(_SAY)
        self._claim = self._client.register_script(_CLAIM)
        self._replace = self._client.register_script(_REPLACE)

    async def _enter(self, stack: AsyncExitStack) -> None:
        stack.push_async_callback(self._client.aclose)

    async def get(self, name: str) -> bytes | None:
        return _value(await self._run_script(lambda: self._get(keys=[name, INDEX])))

    async def put(self, name: str, value: bytes, life_s: int, *, under: Sequence[str] = ()) -> None:
        script, keys = (self._script, [name, *under, INDEX]) if under else (self._put, [name, INDEX])
        await self._run_script(lambda: script(keys=keys, args=[value, life_s]))

    async def put_if_absent(self, name: str, value: bytes, life_s: int, *, under: Sequence[str] = ()) -> bytes | None:
        keys = [name, *under, INDEX]
        return _value(await self._run_script(lambda: self._claim(keys=keys, args=[value, life_s])))

    async def compare_and_swap(self, name: str, old: bytes, new: bytes, life_s: int) -> bool:
        return await self._run_script(lambda: self._replace(keys=[name, INDEX], args=[old, new, life_s])) == 1

    async def delete(self, *names: str) -> None:
        await self._run_script(lambda: self._client.delete(*names))

    async def _run_script(self, call: Callable[[], Awaitable[object]]) -> object:
        if self._clock.monotonic() < self._resting_until:
            raise KeyValueStoreUnavailable("REDIS_URL: no answer a moment ago")
        try:
            return await call()
        except ResponseError as error:  # Valkey answers: other calls may still read and delete
            if is_our_fault(error):
                log.error("notes were not told what to do in Valkey's words", exc_info=error)
            raise KeyValueStoreUnavailable(f"REDIS_URL: {error}") from error
        except STORE_UNAVAILABLE as error:
            self._resting_until = self._clock.monotonic() + REST_S
            raise KeyValueStoreUnavailable(f"REDIS_URL: {error or type(error).__name__}") from error


def _value(reply: object) -> bytes | None:
    return reply if isinstance(reply, bytes) else None
