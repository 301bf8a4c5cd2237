"""Stores of token buckets and stream leases."""

from collections.abc import Sequence
from typing import Protocol

from libs.adapters.quota.rates.token_bucket import Draw, Drawn, TokenBucket
from libs.core.clock import Clock
from libs.core.errors import FleetError

LEASE_S = 30.0


class StoreRefused(FleetError):
    """The store rejects a call as invalid: a bug, and no reason to use the fallback."""

    code = "store_refused"


class RateStore(Protocol):
    """Token buckets and stream leases by key. Raises RateStoreUnavailable and StoreRefused; never retries."""

    async def draw(self, name: str, draw: Draw) -> Drawn:
        """Draw from a bucket; a missing bucket is full."""
        ...

    async def open_stream(self, name: str, stream: str, limit: int) -> float:
        """Acquire one of `limit` slots for LEASE_S seconds; renews a slot that the stream already holds.

        Return 0, or the seconds until the first acquired slot expires.
        """
        ...

    async def renew(self, name: str, streams: Sequence[str]) -> None:
        """Hold slots for another LEASE_S seconds; acquires missing ones."""
        ...

    async def close_streams(self, name: str, streams: Sequence[str]) -> None:
        """Release slots; unknown ones are ignored."""
        ...


class LocalStore:
    """In this process: exact for one gateway. Replaces Valkey while that is unavailable."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[str, TokenBucket] = {}
        self._streams: dict[str, dict[str, float]] = {}

    async def draw(self, name: str, draw: Draw) -> Drawn:
        now = self._clock.monotonic()
        bucket = self._buckets.get(name) or TokenBucket(draw.limit, now)
        self._buckets[name], drawn = bucket.draw(draw, now)
        return drawn

    async def open_stream(self, name: str, stream: str, limit: int) -> float:
        now = self._clock.monotonic()
        places = {each: until for each, until in self._streams.get(name, {}).items() if until > now}
        self._streams[name] = places
        if stream not in places and len(places) >= limit:
            return min(places.values()) - now
        places[stream] = now + LEASE_S
        return 0.0

    async def renew(self, name: str, streams: Sequence[str]) -> None:
        until = self._clock.monotonic() + LEASE_S
        self._streams.setdefault(name, {}).update(dict.fromkeys(streams, until))

    async def close_streams(self, name: str, streams: Sequence[str]) -> None:
        for stream in streams:
            self._streams.get(name, {}).pop(stream, None)

    def know(self, name: str, level: float) -> None:
        """Record the level of a bucket in another store, so that nothing is granted twice."""
        self._buckets[name] = TokenBucket(level, self._clock.monotonic())

    def forget(self, name: str) -> None:
        self._buckets.pop(name, None)
        self._streams.pop(name, None)
