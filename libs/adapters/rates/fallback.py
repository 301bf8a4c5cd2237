"""The shared store with a stand-in: while it is away, each gateway keeps the limits by itself, from where they stood.

Several gateways together then let more in, each one no more than the limit.
"""

import logging
from collections.abc import Sequence

from libs.adapters.rates.bucket import Draw, Drawn
from libs.adapters.rates.store import LocalStore, RateStore
from libs.core.clock import Clock
from libs.core.errors import Retryable

AWAY_S = 1.0  # a store that did not answer is asked again after so long

log = logging.getLogger(__name__)


class Fallback:
    """A RateStore that is never away. The local one learns whatever the shared one says."""

    def __init__(self, shared: RateStore, clock: Clock) -> None:
        self._shared = shared
        self._clock = clock
        self._local = LocalStore(clock)
        self._away_until = 0.0
        self.problem: str | None = None

    async def draw(self, name: str, draw: Draw) -> Drawn:
        """See RateStore."""
        if not self._is_away:
            try:
                drawn = await self._shared.draw(name, draw)
            except Retryable as error:
                self._goes_away(error)
            else:
                self.problem = None
                self._local.know(name, drawn.level)
                return drawn
        return await self._local.draw(name, draw)

    async def open_stream(self, name: str, stream: str, limit: int) -> float:
        """See RateStore."""
        if not self._is_away:
            try:
                wait_s = await self._shared.open_stream(name, stream, limit)
            except Retryable as error:
                self._goes_away(error)
            else:
                self.problem = None
                if not wait_s:
                    await self._local.renew(name, [stream])
                return wait_s
        return await self._local.open_stream(name, stream, limit)

    async def renew(self, name: str, streams: Sequence[str]) -> None:
        """See RateStore."""
        await self._local.renew(name, streams)
        if not self._is_away:
            try:
                await self._shared.renew(name, streams)
            except Retryable as error:
                self._goes_away(error)

    async def close_streams(self, name: str, streams: Sequence[str]) -> None:
        """See RateStore. Leases that cannot be ended run out."""
        await self._local.close_streams(name, streams)
        if not self._is_away:
            try:
                await self._shared.close_streams(name, streams)
            except Retryable as error:
                self._goes_away(error)

    def forget(self, name: str) -> None:
        """Drop what is known here under a name."""
        self._local.forget(name)

    @property
    def _is_away(self) -> bool:
        return self._clock.monotonic() < self._away_until

    def _goes_away(self, error: Retryable) -> None:
        if self.problem is None:
            log.warning("limits are kept by this gateway alone: %s", error)
        self.problem = str(error)
        self._away_until = self._clock.monotonic() + AWAY_S
