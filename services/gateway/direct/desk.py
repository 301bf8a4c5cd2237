"""Who may ask a model straight away. Direct requests wait in no queue of the fleet, so its limit is not theirs: they
have a bound of their own, shared among tenants by the same rules."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services.gateway.direct.watch import Stop, Watch
from services.gateway.domain.admission import Admission
from services.gateway.domain.errors import RequestRefused, records_behind, stopping
from services.gateway.telemetry import DIRECT_IN_FLIGHT, REFUSED

CLOSING_S = 0.5


class Place:
    """One direct request. Whoever works on it lets itself be watched, so that a stop of the gateway can end it."""

    __slots__ = ("tenant", "watch")

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.watch: Watch | None = None

    def stop(self) -> None:
        """End it, because the gateway stops."""
        if self.watch is not None:
            self.watch.stop(Stop.STOPPING)


class DirectDesk:
    """Counts the direct requests of each tenant. `can_record` says whether what they do could be kept."""

    def __init__(self, admission: Admission, can_record: Callable[[], bool]) -> None:
        self._admission = admission
        self._can_record = can_record
        self._places: set[Place] = set()
        self._stopping = False
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def open(self) -> int:
        """Return how many direct requests are open."""
        return len(self._places)

    @contextmanager
    def place(self, tenant: str) -> Iterator[Place]:
        """Yield a place for one request. Raises RequestRefused (429, 503) when there is none."""
        place = self.take(tenant)
        try:
            yield place
        finally:
            self.leave(place)

    def take(self, tenant: str) -> Place:
        """Return a place for one request, to be left. Raises RequestRefused (429, 503) when there is none."""
        self._admit(tenant)
        place = Place(tenant)
        self._places.add(place)
        self._empty.clear()
        DIRECT_IN_FLIGHT.set(len(self._places))
        return place

    def leave(self, place: Place) -> None:
        """Give a place back."""
        self._places.discard(place)
        self._admission.leave(place.tenant)
        DIRECT_IN_FLIGHT.set(len(self._places))
        if not self._places:
            self._empty.set()

    async def drain(self, grace_s: float) -> None:
        """Admit nobody, let what is open end for `grace_s` seconds, then end the rest with an error of its own."""
        self._stopping = True
        if not await self._emptied(grace_s):
            for place in list(self._places):
                place.stop()
            await self._emptied(CLOSING_S)

    def _admit(self, tenant: str) -> None:
        try:
            if self._stopping:
                raise stopping()
            if not self._can_record():
                raise records_behind()
            self._admission.admit(tenant)
        except RequestRefused as refusal:
            REFUSED.labels(refusal.error.code).inc()
            raise

    async def _emptied(self, timeout_s: float) -> bool:
        try:
            async with asyncio.timeout(timeout_s):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True
