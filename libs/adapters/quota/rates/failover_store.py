"""The shared store with a stand-in: while it is away, each gateway keeps the limits by itself, from where they stood.

Several gateways together then let more in, each one no more than the limit.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from libs.adapters.quota.rates.store import LocalStore, RateStore
from libs.adapters.quota.rates.token_bucket import Draw, Drawn
from libs.core.clock import Clock
from libs.core.errors import Retryable

RETRY_S = 1.0  # a store that did not answer is asked again after so long

T = TypeVar("T")

log = logging.getLogger(__name__)


class FailoverRateStore:
    """A RateStore that is never away. The local one learns whatever the shared one says."""

    def __init__(self, shared: RateStore, clock: Clock) -> None:
        self._shared = shared
        self._clock = clock
        self._local = LocalStore(clock)
        self._unavailable_until = 0.0
        self.problem: str | None = None

    async def draw(self, name: str, draw: Draw) -> Drawn:
        """See RateStore."""
        drawn = await self._try_shared(lambda: self._shared.draw(name, draw))
        if drawn is None:
            return await self._local.draw(name, draw)
        self._local.know(name, drawn.level)
        return drawn

    async def open_stream(self, name: str, stream: str, limit: int) -> float:
        """See RateStore."""
        wait_s = await self._try_shared(lambda: self._shared.open_stream(name, stream, limit))
        if wait_s is None:
            return await self._local.open_stream(name, stream, limit)
        if not wait_s:
            await self._local.renew(name, [stream])
        return wait_s

    async def renew(self, name: str, streams: Sequence[str]) -> None:
        """See RateStore."""
        await self._local.renew(name, streams)
        await self._try_shared(lambda: self._shared.renew(name, streams))

    async def close_streams(self, name: str, streams: Sequence[str]) -> None:
        """See RateStore. Leases that cannot be ended run out."""
        await self._local.close_streams(name, streams)
        await self._try_shared(lambda: self._shared.close_streams(name, streams))

    def forget(self, name: str) -> None:
        """Drop what is known here under a name."""
        self._local.forget(name)

    async def _try_shared(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        """Return what the shared store answers, None while it is away."""
        if self._clock.monotonic() < self._unavailable_until:
            return None
        try:
            answer = await ask()
        except Retryable as error:
            if self.problem is None:
                log.warning("limits are kept by this gateway alone: %s", error)
            self.problem = str(error)
            self._unavailable_until = self._clock.monotonic() + RETRY_S
            return None
        self.problem = None
        return answer
