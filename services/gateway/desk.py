"""Where clients wait for the end of a response: those that opened it, and those that came back to it.

An end is kept before it is told, so that nothing that happens to the log can change it afterwards.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from enum import Enum

from libs.contracts.answer import AnswerFinished
from libs.contracts.model_call import Usage
from libs.contracts.progress import RequestOpened
from services.gateway.domain.admission import Admission
from services.gateway.domain.errors import RequestRefused, fenced, overloaded, stopping
from services.gateway.domain.limit import Ended
from services.gateway.telemetry import ADMITTED, IN_FLIGHT, LIMIT, REFUSED, RESUMED

CLOSING_S = 0.5
MAX_VISITORS = 1024

log = logging.getLogger(__name__)


class Ending(Enum):
    """Why a request ends without the fleet's word."""

    CLIENT_GONE = "client gone"
    TIMED_OUT = "timed out"
    STOPPING = "stopping"


End = AnswerFinished | Ending
Keep = Callable[[AnswerFinished], Awaitable[None]]


async def keep_nothing(_: AnswerFinished) -> None:
    """Rely on the log, which is on disk."""


class Seat:
    """One waiting client. The first end is the end. `opened` is set when the request was accepted; `met` counts the
    requests that were open when it came, itself included."""

    def __init__(self, response_id: str, tenant: str, keep: Keep = keep_nothing) -> None:
        self.response_id = response_id
        self.tenant = tenant
        self.opened: RequestOpened | None = None
        self.met = 0
        self._loop = asyncio.get_running_loop()
        self.since = self._loop.time()
        self._end: asyncio.Future[End] = self._loop.create_future()
        self._timer: asyncio.TimerHandle | None = None
        self._keep = keep

    @property
    def ended(self) -> bool:
        return self._end.done()

    @property
    def usage(self) -> Usage | None:
        """Return what the request took, None while nobody knows."""
        end = self._end.result() if self.ended and not self._end.cancelled() else None
        return end.usage if isinstance(end, AnswerFinished) else None

    def resolve(self, end: End) -> None:
        """Say how it ends; later words are ignored."""
        if not self._end.done():
            self._end.set_result(end)

    def expire_in(self, seconds: float) -> None:
        """Let it end as timed out after so many seconds."""
        self._timer = self._loop.call_later(seconds, self.resolve, Ending.TIMED_OUT)

    async def end(self) -> End:
        """Return the end when it has come, and was kept: it can be told. For one waiter."""
        end = await self._end
        if isinstance(end, AnswerFinished):
            await self._keep(end)
        return end

    def leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


class ReplyDesk:
    """Admits requests, hands the fleet's last words to them, and ends them in order when the gateway stops."""

    def __init__(self, admission: Admission, keep: Keep = keep_nothing) -> None:
        self._admission = admission
        self._keep = keep
        self._seats: dict[str, Seat] = {}
        self._visitors: defaultdict[str, set[Seat]] = defaultdict(set)
        self._refusal: Callable[[], RequestRefused] | None = None
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def in_flight(self) -> int:
        """Return how many requests are open."""
        return len(self._seats)

    @property
    def visitors(self) -> int:
        """Return how many clients follow a response that they did not open here."""
        return sum(map(len, self._visitors.values()))

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
        self._admit(tenant)
        seat = self._seats[response_id] = Seat(response_id, tenant, self._keep)
        seat.met = self._admission.open
        self._empty.clear()
        return seat

    def has_room(self, tenant: str) -> bool:
        """Return whether a request would get a seat, or would be refused for another reason than their number."""
        return self._refusal is not None or self._admission.has_room(tenant)

    def vacate(self, seat: Seat) -> None:
        """Give a seat back; once is enough."""
        seat.leave()
        if self._seats.get(seat.response_id) is seat:
            del self._seats[seat.response_id]
            self._admission.leave(seat.tenant)
            self._left()

    @contextmanager
    def visit(self, response_id: str, tenant: str) -> Iterator[Seat]:
        """Yield a place for one more client of a response. Raises RequestRefused (503) when there is none."""
        if self._refusal is not None or self.visitors >= MAX_VISITORS:
            raise (self._refusal or overloaded)()
        seat = Seat(response_id, tenant, self._keep)
        self._visitors[response_id].add(seat)
        self._empty.clear()
        RESUMED.set(self.visitors)
        try:
            yield seat
        finally:
            seat.leave()
            self._visitors[response_id].discard(seat)
            if not self._visitors[response_id]:
                del self._visitors[response_id]
            self._left()

    def opened(self, response_id: str, tenant: str) -> RequestOpened | None:
        """Return the accepted request of a tenant that is open here, or None."""
        seat = self._seats.get(response_id)
        return seat.opened if seat is not None and seat.tenant == tenant and not seat.ended else None

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

    async def drain(self, grace_s: float) -> None:
        """Admit nobody, let the open requests end for `grace_s` seconds, then end the rest with an error of their own.

        Returns when all have left, at most half a second after the grace.
        """
        self._refusal = stopping
        if not await self.emptied(grace_s):
            for seat in [*self._seats.values(), *(seat for seats in self._visitors.values() for seat in seats)]:
                seat.resolve(Ending.STOPPING)
            await self.emptied(CLOSING_S)

    async def emptied(self, timeout_s: float) -> bool:
        """Wait until nobody waits here any more; return whether that happened in time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True

    def _admit(self, tenant: str) -> None:
        try:
            if self._refusal is not None:
                raise self._refusal()
            self._admission.admit(tenant)
        except RequestRefused as refusal:
            REFUSED.labels(refusal.error.code).inc()
            raise
        ADMITTED.inc()
        IN_FLIGHT.inc()

    def _waiting_for(self, response_id: str) -> list[Seat]:
        owner = self._seats.get(response_id)
        return [*([owner] if owner is not None else []), *self._visitors.get(response_id, ())]

    def _learn(self, seat: Seat, event: AnswerFinished) -> None:
        if event.outcome != "cancelled":
            now = asyncio.get_running_loop().time()
            end = Ended(seat.since, now, seat.met, event.envelope.waited_ms, self._admission.open)
            self._admission.limit.ended(end)
            LIMIT.set(self._admission.limit.value)

    def _left(self) -> None:
        IN_FLIGHT.set(len(self._seats))
        RESUMED.set(self.visitors)
        if not self._seats and not self._visitors:
            self._empty.set()
