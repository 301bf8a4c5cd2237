"""The shared rate store, with a local fallback."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from libs.adapters.quota.rates.store import LocalStore, RateStore
from libs.adapters.quota.rates.token_bucket import Draw, Drawn
from libs.core.clock import Clock
from libs.core.errors import Retryable

RETRY_S = 1.0  # pause after a failed call

T = TypeVar("T")

log = logging.getLogger(__name__)


class FailoverRateStore:
    """Enforces limits in this process, from the last known levels, while the shared store is unavailable.

    Each gateway then admits no more than the limit; several gateways together may admit more.
    """

    def __init__(self, shared: RateStore, clock: Clock) -> None:
        self._shared = shared
        self._clock = clock
        self._local = LocalStore(clock)
        self._unavailable_until = 0.0
        self.problem: str | None = None

    async def draw(self, name: str, draw: Draw) -> Drawn:
        drawn = await self._try_shared(lambda: self._shared.draw(name, draw))
        if drawn is None:
            return await self._local.draw(name, draw)
        self._local.know(name, drawn.level)
        return drawn

    async def open_stream(self, name: str, stream: str, limit: int) -> float:
        wait_s = await self._try_shared(lambda: self._shared.open_stream(name, stream, limit))
        if wait_s is None:
            return await self._local.open_stream(name, stream, limit)
        if not wait_s:
            await self._local.renew(name, [stream])
        return wait_s

    async def renew(self, name: str, streams: Sequence[str]) -> None:
        await self._local.renew(name, streams)
        await self._try_shared(lambda: self._shared.renew(name, streams))

    async def close_streams(self, name: str, streams: Sequence[str]) -> None:
        """Leases that cannot be closed expire."""
        await self._local.close_streams(name, streams)
        await self._try_shared(lambda: self._shared.close_streams(name, streams))

    def forget(self, name: str) -> None:
        """Local only; leaves the shared store unchanged."""
        self._local.forget(name)

    async def _try_shared(self, call: Callable[[], Awaitable[T]]) -> T | None:
        """None while the shared store is unavailable."""
        if self._clock.monotonic() < self._unavailable_until:
            return None
        try:
            answer = await call()
        except Retryable as error:
            if self.problem is None:
                log.warning("limits are kept by this gateway alone: %s", error)
            self.problem = str(error)
            self._unavailable_until = self._clock.monotonic() + RETRY_S
            return None
        self.problem = None
        return answer
