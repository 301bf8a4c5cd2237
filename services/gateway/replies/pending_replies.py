"""Where clients wait for the end of a response: those that opened it, and those that came back to it."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestOpened
from services.gateway.admission.in_flight import Attendance
from services.gateway.admission.queue import AdmissionQueue
from services.gateway.admission.queued_requests import WaitingRequests, no_waiting
from services.gateway.domain.admission.adaptive_limit import Ended
from services.gateway.domain.admission.shares import Admission
from services.gateway.domain.errors import RequestRefused, fenced, stopping
from services.gateway.replies.pending_reply import Ending, Keep, Seat, keep_nothing
from services.gateway.telemetry import ADMITTED, IN_FLIGHT, LIMIT, REFUSED, RESUMED

MAX_VISITORS = 1024

log = logging.getLogger(__name__)


class ReplyDesk:
    """Admits requests, hands the fleet's last words to them, and ends them in order when the gateway stops."""

    def __init__(self, admission: Admission, keep: Keep = keep_nothing, waiting: WaitingRequests | None = None) -> None:
        self._admission = admission
        self.queue = AdmissionQueue(admission, waiting or no_waiting(admission), "fleet")
        self._visits = admission.beside(MAX_VISITORS)
        self._keep = keep
        self._seats: dict[str, Seat] = {}
        self._visitors: defaultdict[str, set[Seat]] = defaultdict(set)
        self._refusal: Callable[[], RequestRefused] | None = None
        self._attendance = Attendance()
        IN_FLIGHT.set_function(lambda: self.in_flight)

    @property
    def in_flight(self) -> int:
        """Return how many requests are open."""
        return len(self._seats)

    @property
    def visitors(self) -> int:
        """Return how many clients follow a response that they did not open here."""
        return self._visits.open

    @contextmanager
    def seat(self, response_id: str, tenant: str) -> Iterator[Seat]:
        """Yield a place for one request. Raises RequestRefused (429, 503) when there is none."""
        seat = self.take(response_id, tenant)
        try:
            yield seat
        finally:
            self.vacate(seat)

    def take(self, response_id: str, tenant: str) -> Seat:
        """Return a place for one request, to be vacated. Raises RequestRefused (429, 503) when there is none."""
        self._admit(self._admission, tenant)
        return self._added(Seat(response_id, tenant, self._keep))

    def take_if_free(self, response_id: str, tenant: str) -> Seat | None:
        """Return a place if a request gets one without waiting. Raises RequestRefused (503) when nobody is admitted."""
        if self._refusal is None:
            return self._added(Seat(response_id, tenant, self._keep)) if self.queue.admit_if_free(tenant) else None
        return self.take(response_id, tenant)  # raises

    def begin(self, seat: Seat) -> None:
        """Note that the fleet works on a request from now on: until then it was read, may be refused or for a model."""
        if seat.begun_at is None:
            seat.begun_at = asyncio.get_running_loop().time()
            self.queue.started(seat.begun_at)

    def take_granted(self, response_id: str, tenant: str, granted_at: float) -> Seat:
        """Return a place for a request to which the queue gave a permit at a time of the loop."""
        seat = self._added(Seat(response_id, tenant, self._keep))
        seat.since = seat.begun_at = granted_at
        return seat

    def vacate(self, seat: Seat) -> None:
        """Give a seat back; once is enough."""
        seat.leave()
        if self._seats.get(seat.response_id) is seat:
            del self._seats[seat.response_id]
            self._attendance.left()
            self.queue.release(seat.tenant, seat.begun_at, asyncio.get_running_loop().time())

    @contextmanager
    def visit(self, response_id: str, tenant: str) -> Iterator[Seat]:
        """Yield a place for one more client of a response. Raises RequestRefused (429, 503) when there is none."""
        self._admit(self._visits, tenant)
        seat = Seat(response_id, tenant, self._keep)
        self._visitors[response_id].add(seat)
        self._attendance.came()
        RESUMED.set(self.visitors)
        try:
            yield seat
        finally:
            seat.leave()
            self._visitors[response_id].discard(seat)
            if not self._visitors[response_id]:
                del self._visitors[response_id]
            self._visits.leave(tenant)
            RESUMED.set(self.visitors)
            self._attendance.left()

    def opened(self, response_id: str, tenant: str) -> RequestOpened | None:
        """Return the accepted request of a tenant that is open here, or None."""
        seat = self._seats.get(response_id)
        return seat.opened if seat is not None and seat.tenant == tenant and not seat.ended else None

    def open_requests(self) -> list[RequestOpened]:
        """Return the requests that somebody waits for here, wherever they were opened."""
        return [seat.opened for seat in self._all_seats() if seat.opened is not None and not seat.ended]

    def end_erased(self, response_ids: Collection[str]) -> None:
        """End the waiting for responses whose subject was erased."""
        for seat in self._all_seats():
            if seat.response_id in response_ids:
                seat.resolve(Ending.ERASED)

    def deliver(self, event: AnswerFinished) -> None:
        """Hand over an end. An id that nobody waits for is not ours any more; another tenant's word is none."""
        response_id, tenant = event.envelope.response_id, event.envelope.tenant
        for seat in self._waiting_for(response_id):
            if seat.tenant != tenant:
                log.error("%s: an end of another tenant was ignored", response_id)
                continue
            if seat is self._seats.get(response_id) and not seat.ended:
                self._learn(seat, event)
            seat.resolve(event)

    def close(self) -> None:
        """Admit nobody any more, because another instance has our place; open requests go on."""
        self._refusal = fenced
        self.queue.close(fenced)

    async def drain(self, grace_s: float) -> None:
        """Admit nobody, let the open requests end for `grace_s` seconds, then end the rest with an error of their own.

        Returns when all have left, at most half a second after the grace.
        """
        self._refusal = stopping
        self.queue.close(stopping)
        await self._attendance.drained(grace_s, self._end_all)

    async def emptied(self, timeout_s: float) -> bool:
        """Wait until nobody waits here any more; return whether that happened in time."""
        return await self._attendance.emptied(timeout_s)

    def _added(self, seat: Seat) -> Seat:
        ADMITTED.inc()
        self._seats[seat.response_id] = seat
        seat.met = self._admission.open
        self._attendance.came()
        return seat

    def _end_all(self) -> None:
        for seat in self._all_seats():
            seat.resolve(Ending.STOPPING)

    def _all_seats(self) -> list[Seat]:
        return [*self._seats.values(), *(seat for seats in self._visitors.values() for seat in seats)]

    def _admit(self, admission: Admission, tenant: str) -> None:
        try:
            if self._refusal is not None:
                raise self._refusal()
            admission.admit(tenant)
        except RequestRefused as refusal:
            REFUSED.labels(refusal.error.code).inc()
            raise

    def _waiting_for(self, response_id: str) -> list[Seat]:
        owner = self._seats.get(response_id)
        return [*([owner] if owner is not None else []), *self._visitors.get(response_id, ())]

    def _learn(self, seat: Seat, event: AnswerFinished) -> None:
        if event.outcome != "cancelled":
            now = asyncio.get_running_loop().time()
            end = Ended(seat.since, now, seat.met, event.envelope.waited_ms, self._admission.open)
            self._admission.limit.ended(end)
            LIMIT.set(self._admission.limit.value)
