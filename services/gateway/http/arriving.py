"""Where a request waits until it is known who answers it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from services.gateway.desk import Seat
from services.gateway.direct.desk import Place
from services.gateway.direct.line import DirectLine
from services.gateway.http.front import Front


class Arrival:
    """A request that is being read. It has a seat at the fleet's desk; where that is full, a place among those who may
    ask a model, because it may be one of them: nobody who asks a model waits because the fleet has much to do."""

    def __init__(self, front: Front, response_id: str, tenant: str, held: ExitStack) -> None:
        self._front = front
        self._tenant = tenant
        self._held = held
        self._place: Place | None = None
        if front.direct is None or front.desk.has_room(tenant):
            self.seat = held.enter_context(front.desk.seat(response_id, tenant))
        else:
            self._place = held.enter_context(front.direct.desk.place(tenant))
            self.seat = Seat(response_id, tenant)

    def for_fleet(self) -> Seat:
        """Return a seat at the fleet's desk. Raises RequestRefused (429, 503) when there is none."""
        if self._place is not None:
            self._held.close()
            self._place = None
            self.seat = self._held.enter_context(self._front.desk.seat(self.seat.response_id, self._tenant))
        return self.seat

    def for_model(self, line: DirectLine) -> Place:
        """Return a place among those who ask a model. Raises RequestRefused (429, 503) when there is none."""
        if self._place is None:
            self._front.desk.vacate(self.seat)
            self._place = self._held.enter_context(line.desk.place(self._tenant))
        return self._place


@contextmanager
def arriving(front: Front, response_id: str, tenant: str) -> Iterator[Arrival]:
    """Yield a request's arrival. Raises RequestRefused (429, 503) when it can wait nowhere."""
    with ExitStack() as held:
        yield Arrival(front, response_id, tenant, held)
