"""Notes in Valkey. While it is away, every call but one a second is told so at once."""

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from libs.adapters.valkey_deltas.connection import STORE_AWAY
from libs.core.clock import Clock, SystemClock
from libs.ports.notes import NotesAway

TIMEOUT_S = 0.25
REST_S = 1.0
_CONNECTIONS = 64
_REPLACE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return 0
end
if ARGV[2] == '' then
    redis.call('DEL', KEYS[1])
else
    redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
end
return 1
"""


class ValkeyNotes:
    """See Notes. Connects at its first use; leaving it closes the connections."""

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._resting_until = 0.0
        self._client = Redis.from_pool(
            BlockingConnectionPool.from_url(  # many at once wait for a turn
                url,
                timeout=TIMEOUT_S,
                socket_timeout=TIMEOUT_S,
                socket_connect_timeout=TIMEOUT_S,
                max_connections=_CONNECTIONS,
                retry=Retry(NoBackoff(), 0),
            )
        )
        self._replace = self._client.register_script(_REPLACE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(self, name: str) -> bytes | None:
        """See Notes."""
        return _value(await self._told(lambda: self._client.get(name)))

    async def put(self, name: str, value: bytes, life_s: int) -> None:
        """See Notes."""
        await self._told(lambda: self._client.set(name, value, ex=life_s))

    async def claim(self, name: str, value: bytes, life_s: int) -> bytes | None:
        """See Notes."""
        return _value(await self._told(lambda: self._client.set(name, value, ex=life_s, nx=True, get=True)))

    async def replace(self, name: str, old: bytes, new: bytes, life_s: int) -> bool:
        """See Notes."""
        return await self._told(lambda: self._replace(keys=[name], args=[old, new, life_s])) == 1

    async def drop(self, *names: str) -> None:
        """See Notes."""
        await self._told(lambda: self._client.delete(*names))

    async def _told(self, ask: Callable[[], Awaitable[object]]) -> object:
        if self._clock.monotonic() < self._resting_until:
            raise NotesAway("REDIS_URL: no answer a moment ago")
        try:
            return await ask()
        except STORE_AWAY as error:
            self._resting_until = self._clock.monotonic() + REST_S
            raise NotesAway(f"REDIS_URL: {error or type(error).__name__}") from error


def _value(reply: object) -> bytes | None:
    return reply if isinstance(reply, bytes) else None
