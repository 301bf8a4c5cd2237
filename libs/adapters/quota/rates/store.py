"""Where buckets and leases of streams are kept. The local one stands in for Valkey while that is away."""

from collections.abc import Sequence
from typing import Protocol

from libs.adapters.quota.rates.token_bucket import Draw, Drawn, TokenBucket
from libs.core.clock import Clock
from libs.core.errors import FleetError

LEASE_S = 30.0


class StoreRefused(FleetError):
    """The store is there and calls wrong what it was asked: a bug, and no reason to do without it."""

    code = "store_refused"


class RateStore(Protocol):
    """Token buckets and stream leases by key. Raises RateStoreUnavailable and StoreRefused; never retries."""

    async def draw(self, name: str, draw: Draw) -> Drawn:
        """Draw from a bucket; one that is not there is full."""
        ...

    async def open_stream(self, name: str, stream: str, limit: int) -> float:
        """Take one of `limit` places for LEASE_S seconds, again if it is held already.

        Return 0, or the seconds until one of the places that are taken runs out.
        """
        ...

    async def renew(self, name: str, streams: Sequence[str]) -> None:
        """Hold places for another LEASE_S seconds, whether they are there or not."""
        ...

    async def close_streams(self, name: str, streams: Sequence[str]) -> None:
        """Give places back."""
        ...


class LocalStore:
    """A RateStore in this process: exact for one gateway."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[str, TokenBucket] = {}
        self._streams: dict[str, dict[str, float]] = {}

    async def draw(self, name: str, draw: Draw) -> Drawn:
        """See RateStore."""
        now = self._clock.monotonic()
        bucket = self._buckets.get(name) or TokenBucket(draw.limit, now)
        self._buckets[name], drawn = bucket.draw(draw, now)
        return drawn

    async def open_stream(self, name: str, stream: str, limit: int) -> float:
        """See RateStore."""
        now = self._clock.monotonic()
        places = {each: until for each, until in self._streams.get(name, {}).items() if until > now}
        self._streams[name] = places
        if stream not in places and len(places) >= limit:
            return min(places.values()) - now
        places[stream] = now + LEASE_S
        return 0.0

    async def renew(self, name: str, streams: Sequence[str]) -> None:
        """See RateStore."""
        until = self._clock.monotonic() + LEASE_S
        self._streams.setdefault(name, {}).update(dict.fromkeys(streams, until))

    async def close_streams(self, name: str, streams: Sequence[str]) -> None:
        """See RateStore."""
        for stream in streams:
            self._streams.get(name, {}).pop(stream, None)

    def know(self, name: str, level: float) -> None:
        """Take note of what a bucket held in another store, so that nothing is granted twice."""
        self._buckets[name] = TokenBucket(level, self._clock.monotonic())

    def forget(self, name: str) -> None:
        """Drop what is known under a name."""
        self._buckets.pop(name, None)
        self._streams.pop(name, None)
