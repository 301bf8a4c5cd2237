"""What the join knows about one request: a bag of facts, and how far it has come with them."""

from enum import Enum
from typing import NamedTuple

from libs.contracts.answer import AnswerFinished
from libs.contracts.finding import Finding
from libs.contracts.message import Message
from libs.contracts.plan import PlannedPart
from libs.contracts.progress import (
    CandidateOpened,
    PartCompleted,
    PlanDrafted,
    RequestCancelled,
    RequestOpened,
    RequestRestored,
)
from libs.core.deadlines import parts_due_at

ORPHAN_GRACE_S = 30.0
# A part's failure at its own deadline, and a first tier's finding with it, is on the log a moment after that deadline.
SETTLE_S = 1.0
SETTLE_SHARE = 0.2


class Phase(Enum):
    """How far a request has come. It only ever moves downwards in this list."""

    COLLECTING = "collecting"
    CONCLUDING = "concluding"  # a judge or a critic has the parts
    ENDING = "ending"  # we published an end and wait for it to come back
    CLOSED = "closed"


class Request(NamedTuple):
    """The facts in any order, each once; a tuple, because it is copied for every fact.

    `now` and `expires_at` are the latest seen, in Unix seconds. `drafts` are the different plans in their order: the
    first one stands. `loose` are facts that nothing came of but their model calls. `asked` are the parts that somebody
    was asked for, `told` those whose end the user has read about; `promoted` is the stream that is the answer;
    `replanned`: the question was handed to the planner once more.
    """

    phase: Phase = Phase.COLLECTING
    opened: RequestOpened | None = None
    drafts: tuple[PlanDrafted, ...] = ()
    candidates: tuple[CandidateOpened, ...] = ()
    ended: tuple[PartCompleted, ...] = ()
    cancelled: RequestCancelled | None = None
    restored: RequestRestored | None = None
    finished: AnswerFinished | None = None
    loose: tuple[Message, ...] = ()
    requested: frozenset[str] = frozenset()
    reported: frozenset[str] = frozenset()
    plan_reported: bool = False
    replanned: bool = False
    promoted: str = ""
    now: float = 0.0
    expires_at: float = 0.0
    gives_up_at: float = 0.0
    last_call: bool = False

    @property
    def plan(self) -> PlanDrafted | None:
        return self.drafts[0] if self.drafts else None

    @property
    def times_restored(self) -> int:
        return self.restored.times if self.restored is not None else 0

    @property
    def parts(self) -> tuple[PlannedPart, ...]:
        return self.drafts[0].parts if self.drafts else ()

    @property
    def ended_ids(self) -> frozenset[str]:
        return frozenset(fact.part for fact in self.ended)

    def end_of(self, part: str) -> PartCompleted | None:
        """Return how a part ended, or None while it has not."""
        return next((fact for fact in self.ended if fact.part == part), None)

    def finding_of(self, part: str) -> Finding | None:
        """Return what a part found, or None when it has not ended, or ended with nothing."""
        fact = self.end_of(part)
        finding = fact.finding if fact is not None else None
        return finding if finding is not None and finding.text.strip() else None


def deadline_of(opened: RequestOpened) -> float:
    """Return the Unix time at which the request ends, whatever happens."""
    return opened.envelope.deadline_at


def parts_deadline_of(opened: RequestOpened) -> float:
    """Return the deadline of commands for parts."""
    return parts_due_at(opened.accepted_at, deadline_of(opened))


def settled_at(request: Request, opened: RequestOpened) -> float:
    """Return the Unix time at which we go on with what is there.

    The planner counts from the time at which it plans, so its commands may end later than ours would: the facts of the
    parts carry their deadline. Half of what is reserved for the judge stays reserved.
    """
    due, deadline = parts_deadline_of(opened), deadline_of(opened)
    reserve = deadline - due
    promised = [fact.envelope.deadline_at for fact in (*request.ended, *request.candidates)]
    last = max((due, *(by for by in promised if by < deadline)))
    return min(last + min(SETTLE_S, reserve * SETTLE_SHARE), deadline - reserve / 2)


def is_late(request: Request) -> bool:
    """Return whether the time of the parts is over."""
    if not request.now or request.opened is None:
        return False  # before its first tick a request knows no time
    return request.now >= settled_at(request, request.opened)
