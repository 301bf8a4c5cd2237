"""Status of the model servers, refreshed on request."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from libs.adapters.models.listing import ModelServerUnavailable, listed_models
from libs.core.clock import Clock, SystemClock
from libs.runtime.settings.inference_servers import InferenceServer

FRESH_S = 10.0
LISTING_TIMEOUT_S = 2.0
Listing = Callable[[InferenceServer], Awaitable[tuple[str, ...] | None]]


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """State of one server at `checked_at` (Unix seconds). `error`: `unreachable`, `rate_limited`, `http_<status>`, or
    empty. `models`: the listed models, None for a server without a list."""

    name: str
    url: str
    error: str
    models: tuple[str, ...] | None
    took_ms: float
    checked_at: float

    @property
    def reachable(self) -> bool:
        return self.error != "unreachable"


class Nodes:
    """The configured servers. Concurrent callers share one check."""

    def __init__(
        self, servers: Sequence[InferenceServer] = (), listing: Listing = listed_models, clock: Clock | None = None
    ) -> None:
        self._servers = servers
        self._listing = listing
        self._clock = clock or SystemClock()
        self._turn = asyncio.Lock()
        self._seen: tuple[NodeStatus, ...] = ()
        self._until = 0.0

    async def look(self) -> tuple[NodeStatus, ...]:
        """The status is at most 10 s old. Blocks for at most 2 s."""
        async with self._turn:
            if self._clock.monotonic() >= self._until:
                self._seen = tuple(await asyncio.gather(*map(self._status, self._servers)))
                self._until = self._clock.monotonic() + FRESH_S
            return self._seen

    async def _status(self, server: InferenceServer) -> NodeStatus:
        began, models, error = self._clock.monotonic(), None, ""
        try:
            async with asyncio.timeout(LISTING_TIMEOUT_S):
                models = await self._listing(server)
        except TimeoutError:
            error = "unreachable"
        except ModelServerUnavailable as away:
            error = _class_of(away.status)
        took_ms = (self._clock.monotonic() - began) * 1000
        return NodeStatus(server.name, server.url, error, models, took_ms, self._clock.now())


def _class_of(status: int | None) -> str:
    if status is None:
        return "unreachable"
    return "rate_limited" if status == 429 else f"http_{status}"
