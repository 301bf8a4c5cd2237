"""The join's state of one request: its facts and its phase."""

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
# A part's failure at its own deadline, and a first tier's finding with it, is on the log shortly after that
# deadline.
SETTLE_S = 1.0
SETTLE_SHARE = 0.2


class Phase(Enum):
    """Phases in order; a request only moves downwards."""

    COLLECTING = "collecting"
    CONCLUDING = "concluding"  # a judge or a critic has the parts
    ENDING = "ending"  # our end is published but not yet consumed
    CLOSED = "closed"


class Request(NamedTuple):
    """The facts of a request in any order, each once; a tuple, because it is copied for every fact.

    `now` and `expires_at` are the latest seen, in Unix seconds. `drafts` are the different plans in order: the first
    one stands. `loose` are facts of which only the model calls count. `requested` are the parts with a published
    command, `reported` those whose end has a progress line. `promoted` is the stream that is the answer. `replanned`:
    the question was republished to the planner once.
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
        """The completion of a part, None while it runs."""
        return next((fact for fact in self.ended if fact.part == part), None)

    def finding_of(self, part: str) -> Finding | None:
        """None if the part runs, failed, or found only blank text."""
        fact = self.end_of(part)
        finding = fact.finding if fact is not None else None
        return finding if finding is not None and finding.text.strip() else None


def deadline_of(opened: RequestOpened) -> float:
    """Unix time at which the request ends in any case."""
    return opened.envelope.deadline_at


def parts_deadline_of(opened: RequestOpened) -> float:
    """Unix time; deadline of commands for parts."""
    return parts_due_at(opened.accepted_at, deadline_of(opened))


def settled_at(request: Request, opened: RequestOpened) -> float:
    """Unix time at which the join concludes with the results it has.

    The planner counts from its own clock, so its commands may end later than ours would: facts of parts carry their
    deadline. Half of the judge's reserve stays reserved.
    """
    due, deadline = parts_deadline_of(opened), deadline_of(opened)
    reserve = deadline - due
    promised = [fact.envelope.deadline_at for fact in (*request.ended, *request.candidates)]
    last = max((due, *(by for by in promised if by < deadline)))
    return min(last + min(SETTLE_S, reserve * SETTLE_SHARE), deadline - reserve / 2)


def is_late(request: Request) -> bool:
    """True after the time of the parts."""
    if not request.now or request.opened is None:
        return False  # before its first tick a request knows no time
    return request.now >= settled_at(request, request.opened)
