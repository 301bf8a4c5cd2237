"""Who may ask a model straight away. Direct requests wait in no queue of the fleet, so its limit is not theirs: they
have a bound of their own, shared among tenants by the same rules."""

import asyncio
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress

from libs.ports.erasures import RequestRef
from services.gateway.admission.in_flight import InFlightTracker
from services.gateway.direct.context import DirectContext
from services.gateway.direct.server_permits import ServerPermit
from services.gateway.direct.watchdog import AbortReason, CallWatchdog
from services.gateway.domain.admission.shares import Admission
from services.gateway.domain.errors import RequestRefused, outbox_full, stopping
from services.gateway.telemetry import DIRECT_IN_FLIGHT, REFUSED


class DirectSlot:
    """One direct request. Whoever works on it lets itself be watched, so that it can be ended from outside; `case` is
    set from then on. `permit` is that of its model server, None where servers have no bound."""

    __slots__ = ("_left", "context", "permit", "tenant", "watch")

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.context: DirectContext | None = None
        self.watch: CallWatchdog | None = None
        self.permit: ServerPermit | None = None
        self._left: asyncio.Event | None = None

    def stop(self, why: AbortReason) -> None:
        """End it."""
        if self.watch is not None:
            self.watch.stop(why)

    async def stop_and_wait(self, why: AbortReason, within_s: float) -> None:
        """End it; return when it has ended, or after so many seconds."""
        self._left = self._left or asyncio.Event()
        self.stop(why)
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._left.wait()

    def release(self) -> None:
        """Release its permit, and wake those that wait for its end."""
        if self.permit is not None:
            self.permit.release()
        if self._left is not None:
            self._left.set()


class DirectAdmission:
    """Counts the direct requests of each tenant. `can_record` says whether what they do could be kept."""

    def __init__(self, admission: Admission, can_record: Callable[[], bool]) -> None:
        self._admission = admission
        self._can_record = can_record
        self._slots: set[DirectSlot] = set()
        self._stopping = False
        self._in_flight = InFlightTracker()
        DIRECT_IN_FLIGHT.set_function(lambda: self.open)

    @property
    def open(self) -> int:
        """Return how many direct requests are open."""
        return len(self._slots)

    @contextmanager
    def slot(self, tenant: str) -> Iterator[DirectSlot]:
        """Yield a place for one request. Raises RequestRefused (429, 503) when there is none."""
        place = self.admit(tenant)
        try:
            yield place
        finally:
            self.release(place)

    def admit(self, tenant: str) -> DirectSlot:
        """Return a place for one request, to be left. Raises RequestRefused (429, 503) when there is none."""
        self._admit(tenant)
        place = DirectSlot(tenant)
        self._slots.add(place)
        self._in_flight.enter()
        return place

    def find(self, tenant: str, response_id: str) -> DirectSlot | None:
        """Return the place of a request that has not ended, None where there is none. Looks at all of them."""
        return next((each for each in self._slots if each.tenant == tenant and _is_open(each, response_id)), None)

    def refs(self) -> list[RequestRef]:
        """Return the requests that have not ended."""
        return [
            place.context.request for place in self._slots if place.context is not None and place.context.usage is None
        ]

    def end_erased(self, requests: Collection[RequestRef]) -> None:
        """End requests whose subject was erased: nothing that was said in them is recorded."""
        for place in list(self._slots):
            if place.context is not None and place.context.request in requests:
                place.context.erased = True
                place.stop(AbortReason.ERASED)

    def release(self, place: DirectSlot) -> None:
        """Give a place back."""
        place.release()
        self._slots.discard(place)
        self._admission.leave(place.tenant)
        self._in_flight.exit()

    async def drain(self, grace_s: float) -> None:
        """Admit nobody, let what is open end for `grace_s` seconds, then end the rest with an error of its own."""
        self._stopping = True
        await self._in_flight.drain(grace_s, self._end_all)

    def _admit(self, tenant: str) -> None:
        try:
            if self._stopping:
                raise stopping()
            if not self._can_record():
                raise outbox_full()
            self._admission.admit(tenant)
        except RequestRefused as refusal:
            REFUSED.labels(refusal.error.code).inc()
            raise

    def _end_all(self) -> None:
        for place in list(self._slots):
            place.stop(AbortReason.STOPPING)


def _is_open(place: DirectSlot, response_id: str) -> bool:
    case = place.context
    return case is not None and case.response_id == response_id and case.usage is None
