"""Where a request waits until it is known who answers it."""

from types import TracebackType
from typing import Self

from services.gateway.direct.desk import Place
from services.gateway.direct.line import DirectLine
from services.gateway.http.front import Front
from services.gateway.replies.seat import Seat


class Arrival:
    """A request that is being read. It has a seat at the fleet's desk; where that is full, a place among those who may
    ask a model, because it may be one of them: nobody who asks a model waits because the fleet has much to do.

    Enter it; that raises RequestRefused (429, 503) when it can wait nowhere. Leaving gives back what it has.
    """

    __slots__ = ("_front", "_line", "_place", "_seat", "_tenant", "response_id")

    def __init__(self, front: Front, response_id: str, tenant: str) -> None:
        self.response_id = response_id
        self._front = front
        self._tenant = tenant
        self._line = front.direct
        self._place: Place | None = None
        self._seat: Seat | None = None

    def __enter__(self) -> Self:
        desk = self._front.desk
        if self._line is None or desk.has_room(self._tenant):
            self._seat = desk.take(self.response_id, self._tenant)
        else:
            self._place = self._line.desk.take(self._tenant)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave_models()
        self._leave_fleet()

    @property
    def accepted(self) -> bool:
        """Return whether the fleet has been asked."""
        return self._seat is not None and self._seat.opened is not None

    def for_fleet(self) -> Seat:
        """Return a seat at the fleet's desk. Raises RequestRefused (429, 503) when there is none."""
        if self._seat is None:
            self._leave_models()
            self._seat = self._front.desk.take(self.response_id, self._tenant)
        return self._seat

    def for_model(self, line: DirectLine) -> None:
        """Wait at a place among those who ask a model. Raises RequestRefused (429, 503) when there is none."""
        if self._place is None:
            self._leave_fleet()
            self._line, self._place = line, line.desk.take(self._tenant)

    def hand_over(self) -> Place:
        """Return the place among those who ask a model, for who gives it back."""
        place, self._place = self._place, None
        assert place is not None
        return place

    def _leave_fleet(self) -> None:
        seat, self._seat = self._seat, None
        if seat is not None:
            self._front.desk.vacate(seat)

    def _leave_models(self) -> None:
        if self._place is not None and self._line is not None:
            self._line.desk.leave(self._place)
            self._place = None
