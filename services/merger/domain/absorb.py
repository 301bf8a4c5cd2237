"""Apply facts to the state, each once, in any order. Decides nothing."""

from libs.contracts.answer import AnswerFinished
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
from libs.contracts.reported_calls import reported_calls
from libs.ports.reducer import Tick
from services.merger.domain.request import Request


def absorb(request: Request, event: Message | Tick) -> Request:
    """Add one fact; idempotent: a repeated fact changes nothing but the calls that it reports."""
    if isinstance(event, Tick):
        return request._replace(now=max(request.now, event.now))
    known, deadline_at = _with_fact(request, event), event.envelope.deadline_at
    if known is request and reported_calls(event):  # ignored or repeated: its calls still count
        known = known._replace(loose=(*known.loose, event))
    return known if deadline_at <= known.expires_at else known._replace(expires_at=deadline_at)


def _with_fact(request: Request, fact: Message) -> Request:
    match fact:
        case RequestOpened():
            return request._replace(opened=request.opened or fact)
        case PlanDrafted():
            return _with_draft(request, fact)
        case CandidateOpened():
            return _with_candidate(request, fact)
        case PartCompleted():
            return request if fact.part in request.ended_ids else request._replace(ended=(*request.ended, fact))
        case RequestCancelled():
            return request._replace(cancelled=request.cancelled or fact)
        case RequestRestored():
            return _restored(request, fact)
        case AnswerFinished():
            return request if request.finished else request._replace(finished=fact)
        case _:
            return request


def _with_candidate(request: Request, fact: CandidateOpened) -> Request:
    known = any(candidate.stream == fact.stream for candidate in request.candidates)
    return request if known else request._replace(candidates=(*request.candidates, fact))


def _with_draft(request: Request, draft: PlanDrafted) -> Request:
    """The first plan stands. A different plan means that the planner died in between and its commands may be lost.

    Then no part counts as requested, so that the join requests the parts of the first plan again.
    """
    if any(draft.parts == known.parts for known in request.drafts):
        return request
    by_planner = not request.drafts and not _is_planned_again(request)
    requested = _requested_by_planner(draft.parts) if by_planner else frozenset[str]()
    return request._replace(drafts=(*request.drafts, draft), requested=requested)


def _restored(request: Request, fact: RequestRestored) -> Request:
    """The log that held the commands is lost. With a plan, only the join can request its parts again."""
    if fact.times <= request.times_restored:
        return request
    return request._replace(restored=fact, requested=frozenset() if fact.planned else request.requested)


def _is_planned_again(request: Request) -> bool:
    return request.restored is not None and request.restored.planned


def _requested_by_planner(parts: tuple[PlannedPart, ...]) -> frozenset[str]:
    return frozenset(part.id for part in parts if not part.needs)
