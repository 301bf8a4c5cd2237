"""Where open HTTP requests wait for the end of their response. Its size is the number of requests admitted at once."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from libs.contracts.answer import AnswerFinished
from services.gateway.domain.errors import overloaded, stopping

CLOSING_S = 0.5


class Ending(Enum):
    """Why a request ends without the fleet's word."""

    CLIENT_GONE = "client gone"
    TIMED_OUT = "timed out"
    STOPPING = "stopping"


End = AnswerFinished | Ending


class Seat:
    """One waiting request. The first end is the end."""

    def __init__(self, response_id: str) -> None:
        self.response_id = response_id
        self._loop = asyncio.get_running_loop()
        self._end: asyncio.Future[End] = self._loop.create_future()
        self._timer: asyncio.TimerHandle | None = None

    def resolve(self, end: End) -> None:
        """Say how it ends; later words are ignored."""
        if not self._end.done():
            self._end.set_result(end)

    def expire_in(self, seconds: float) -> None:
        """Let it end as timed out after so many seconds."""
        self._timer = self._loop.call_later(seconds, self.resolve, Ending.TIMED_OUT)

    async def end(self) -> End:
        """Return the end when it has come. For one waiter."""
        return await self._end

    def leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


class ReplyDesk:
    """Admits requests, hands the fleet's last words to them, and ends them in order when the gateway stops."""

    def __init__(self, max_in_flight: int) -> None:
        self._max_in_flight = max_in_flight
        self._seats: dict[str, Seat] = {}
        self._stopping = False
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def in_flight(self) -> int:
        """Return how many requests are open."""
        return len(self._seats)

    @contextmanager
    def seat(self, response_id: str) -> Iterator[Seat]:
        """Yield a place for one request. Raises RequestRefused (503) when there is none."""
        if self._stopping:
            raise stopping()
        if len(self._seats) >= self._max_in_flight:
            raise overloaded()
        seat = self._seats[response_id] = Seat(response_id)
        self._empty.clear()
        try:
            yield seat
        finally:
            seat.leave()
            del self._seats[response_id]
            if not self._seats:
                self._empty.set()

    def deliver(self, event: AnswerFinished) -> None:
        """Hand over an end. An id that nobody waits for is not ours any more."""
        if (seat := self._seats.get(event.envelope.response_id)) is not None:
            seat.resolve(event)

    async def drain(self, grace_s: float) -> None:
        """Admit nobody, let the open requests end for `grace_s` seconds, then end the rest with an error of their own.

        Returns when all have left, at most half a second after the grace.
        """
        self._stopping = True
        if not await self._emptied(grace_s):
            for seat in list(self._seats.values()):
                seat.resolve(Ending.STOPPING)
            await self._emptied(CLOSING_S)

    async def _emptied(self, timeout_s: float) -> bool:
        try:
            async with asyncio.timeout(timeout_s):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True
