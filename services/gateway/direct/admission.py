"""Admission of direct requests: a limit of its own, shared among tenants by the rules of the fleet's limit."""

import asyncio
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress

from libs.ports.erasures import RequestRef
from services.gateway.admission.queue import InFlightTracker
from services.gateway.direct.context import DirectContext
from services.gateway.direct.server_permits import ServerPermit
from services.gateway.direct.watchdog import AbortReason, CallWatchdog
from services.gateway.domain.admission.shares import Admission
from services.gateway.domain.errors import RequestRefused, outbox_full, stopping
from services.gateway.telemetry import DIRECT_IN_FLIGHT, REFUSED


class DirectSlot:
    """One admitted direct request, which can be aborted from outside. `context` and `watch` are set once the call
    starts; `permit` is that of its model server, None where servers have no bound."""

    __slots__ = ("_left", "context", "permit", "tenant", "watch")

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.context: DirectContext | None = None
        self.watch: CallWatchdog | None = None
        self.permit: ServerPermit | None = None
        self._left: asyncio.Event | None = None

    def stop(self, why: AbortReason) -> None:
        if self.watch is not None:
            self.watch.stop(why)

    async def stop_and_wait(self, why: AbortReason, within_s: float) -> None:
        """Abort the request; return once it has ended, at the latest after `within_s` seconds."""
        self._left = self._left or asyncio.Event()
        self.stop(why)
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._left.wait()

    def release(self) -> None:
        """Release the server permit and the watchdog, and wake the tasks that wait for the end."""
        if self.watch is not None:
            self.watch.close()
        if self.permit is not None:
            self.permit.release()
        if self._left is not None:
            self._left.set()


class DirectAdmission:
    """Counts the direct requests of each tenant. `can_record` is False while the outbox accepts no record. Direct
    requests never enter the fleet's queue, so the fleet's limit does not apply to them."""

    def __init__(self, admission: Admission, can_record: Callable[[], bool]) -> None:
        self._admission = admission
        self._can_record = can_record
        self._slots: set[DirectSlot] = set()
        self._stopping = False
        self._in_flight = InFlightTracker()
        DIRECT_IN_FLIGHT.set_function(lambda: self.open)

    @property
    def open(self) -> int:
        return len(self._slots)

    @contextmanager
    def slot(self, tenant: str) -> Iterator[DirectSlot]:
        """Yield an admitted slot and release it at the end. Raises RequestRefused (429, 503) when none is free."""
        place = self.admit(tenant)
        try:
            yield place
        finally:
            self.release(place)

    def admit(self, tenant: str) -> DirectSlot:
        """Admit one request; the caller releases the slot. Raises RequestRefused (429, 503) when none is free."""
        self._admit(tenant)
        place = DirectSlot(tenant)
        self._slots.add(place)
        self._in_flight.enter()
        return place

    def find(self, tenant: str, response_id: str) -> DirectSlot | None:
        """None for a request that has ended. Linear in the open requests."""
        return next((each for each in self._slots if each.tenant == tenant and _is_open(each, response_id)), None)

    def refs(self) -> list[RequestRef]:
        """List the requests that have not ended."""
        return [
            place.context.request for place in self._slots if place.context is not None and place.context.usage is None
        ]

    def end_erased(self, requests: Collection[RequestRef]) -> None:
        """Abort the requests of erased subjects; their records contain no content."""
        for place in list(self._slots):
            if place.context is not None and place.context.request in requests:
                place.context.erased = True
                place.stop(AbortReason.ERASED)

    def release(self, place: DirectSlot) -> None:
        place.release()
        self._slots.discard(place)
        self._admission.leave(place.tenant)
        self._in_flight.exit()

    async def drain(self, grace_s: float) -> None:
        """Reject new requests, wait up to `grace_s` seconds for the open ones, then abort the rest with an error."""
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
