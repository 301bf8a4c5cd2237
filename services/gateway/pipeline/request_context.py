"""The facts of one inference request, passed from step to step."""

from dataclasses import dataclass, replace

from starlette.types import Receive, Send

from libs.http.context import HttpContext
from libs.ports.quota import Reservation
from services.gateway.domain.idempotency import IdempotencyRecord
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.routing.decide import Decision


@dataclass(frozen=True, slots=True)
class RequestContext:
    """A request whose body was read. `subject` is the pseudonym of its person; `idempotency` is None without an
    Idempotency-Key, with one a disconnect does not cancel. Equal bodies have equal `body_hash` in this process."""

    http: HttpContext
    response_id: str
    subject: str
    body_bytes: int
    body_hash: int
    idempotency: IdempotencyRecord | None = None

    def connected_to(self, receive: Receive, send: Send) -> "RequestContext":
        """A copy with another view of the client."""
        return replace(self, http=replace(self.http, receive=receive, send=send))


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that has passed permissions, rates and budgets; nothing is stored yet. Pass it to `Dispatcher.answer`,
    or release it.

    `decision` is None for a request that is answered immediately. `characters` is the length of its prompt, `waited_s`
    its time in the queue of the fleet.
    """

    request: RequestContext
    inference: InferenceRequest
    decision: Decision | None
    reservation: Reservation
    characters: int = 0
    waited_s: float = 0.0

    def release(self) -> None:
        """Release the reservation. No effect once the request is answered."""
        self.reservation.release()
