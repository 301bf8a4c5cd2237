"""Who may ask a model straight away. Direct requests wait in no queue of the fleet, so its limit is not theirs: they
have a bound of their own, shared among tenants by the same rules."""

import asyncio
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress

from libs.ports.erasures import RequestRef
from services.gateway.admission.in_flight import Attendance
from services.gateway.direct.context import DirectCase
from services.gateway.direct.server_permits import ServerPermit
from services.gateway.direct.watchdog import Stop, Watch
from services.gateway.domain.admission.shares import Admission
from services.gateway.domain.errors import RequestRefused, records_behind, stopping
from services.gateway.telemetry import DIRECT_IN_FLIGHT, REFUSED


class Place:
    """One direct request. Whoever works on it lets itself be watched, so that it can be ended from outside; `case` is
    set from then on. `permit` is that of its model server, None where servers have no bound."""

    __slots__ = ("_left", "case", "permit", "tenant", "watch")

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.case: DirectCase | None = None
        self.watch: Watch | None = None
        self.permit: ServerPermit | None = None
        self._left: asyncio.Event | None = None

    def stop(self, why: Stop) -> None:
        """End it."""
        if self.watch is not None:
            self.watch.stop(why)

    async def ended(self, why: Stop, within_s: float) -> None:
        """End it; return when it has ended, or after so many seconds."""
        self._left = self._left or asyncio.Event()
        self.stop(why)
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._left.wait()

    def leave(self) -> None:
        """Release its permit, and wake those that wait for its end."""
        if self.permit is not None:
            self.permit.release()
        if self._left is not None:
            self._left.set()


class DirectDesk:
    """Counts the direct requests of each tenant. `can_record` says whether what they do could be kept."""

    def __init__(self, admission: Admission, can_record: Callable[[], bool]) -> None:
        self._admission = admission
        self._can_record = can_record
        self._places: set[Place] = set()
        self._stopping = False
        self._attendance = Attendance()
        DIRECT_IN_FLIGHT.set_function(lambda: self.open)

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
        self._attendance.came()
        return place

    def find(self, tenant: str, response_id: str) -> Place | None:
        """Return the place of a request that has not ended, None where there is none. Looks at all of them."""
        return next((each for each in self._places if each.tenant == tenant and _is_open(each, response_id)), None)

    def refs(self) -> list[RequestRef]:
        """Return the requests that have not ended."""
        return [place.case.request for place in self._places if place.case is not None and place.case.usage is None]

    def end_erased(self, requests: Collection[RequestRef]) -> None:
        """End requests whose subject was erased: nothing that was said in them is recorded."""
        for place in list(self._places):
            if place.case is not None and place.case.request in requests:
                place.case.erased = True
                place.stop(Stop.ERASED)

    def leave(self, place: Place) -> None:
        """Give a place back."""
        place.leave()
        self._places.discard(place)
        self._admission.leave(place.tenant)
        self._attendance.left()

    async def drain(self, grace_s: float) -> None:
        """Admit nobody, let what is open end for `grace_s` seconds, then end the rest with an error of its own."""
        self._stopping = True
        await self._attendance.drained(grace_s, self._end_all)

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

    def _end_all(self) -> None:
        for place in list(self._places):
            place.stop(Stop.STOPPING)


def _is_open(place: Place, response_id: str) -> bool:
    case = place.case
    return case is not None and case.response_id == response_id and case.usage is None
