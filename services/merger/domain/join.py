"""The join: a pure reducer over the facts of one request.

Facts may arrive in any order and more than once. The join publishes one end and then only the final records. It closes
when the first end, its own or another one, is on the log.
"""

from collections.abc import Callable

from libs.contracts.answer import AnswerFinished, Failure, MergeAnswer, Outcome
from libs.contracts.catalogue import COMMANDS
from libs.contracts.message import Message, PartMessage
from libs.contracts.progress import PlanDrafted, RequestOpened
from libs.contracts.sources.expert import is_candidate
from libs.ports.deltas import Delta
from libs.ports.reducer import Tick, Transition
from services.merger.domain.absorb import absorb
from services.merger.domain.ending import EXPIRED, conclusion_of, ended
from services.merger.domain.final_records import final_records, on_late_fact, reported_call_ids
from services.merger.domain.part_requests import request_parts
from services.merger.domain.progress import report_progress
from services.merger.domain.request import (
    ORPHAN_GRACE_S,
    Phase,
    Request,
    deadline_of,
    is_late,
    parts_deadline_of,
    settled_at,
)
from services.merger.domain.trace import TRACE, request_trace
from services.merger.domain.wording import merge_line

Rule = Callable[[Request, RequestOpened, PlanDrafted], Transition[Request]]


def advance(state: Request | None, event: Message | Tick, *, offer_above: int) -> Transition[Request]:
    """Compute the next state and its effects. Answers longer than `offer_above` characters are offered as knowledge."""
    request = absorb(state or Request(), event)
    if request.phase is Phase.CLOSED:
        return Transition(request)
    if (opened := request.opened) is None:
        return _not_opened(state or Request(), request, event)
    step = _next(request, opened, offer_above)
    cause = event if isinstance(event, Message) else opened
    messages = tuple(_after(message, cause, opened, request.times_restored) for message in step.messages)
    return Transition(step.state, messages, step.deltas if opened.question.streamed else (), step.closed)


def due_at(state: Request) -> float | None:
    """Unix time of the next tick; None when the request is closed."""
    if state.phase is Phase.CLOSED:
        return None
    if (opened := state.opened) is None:
        return state.expires_at + ORPHAN_GRACE_S
    if state.phase is Phase.ENDING:
        return state.gives_up_at
    waits_for_parts = state.phase is Phase.COLLECTING and state.plan is not None and not is_late(state)
    return settled_at(state, opened) if waits_for_parts else deadline_of(opened)


def _next(request: Request, opened: RequestOpened, offer_above: int) -> Transition[Request]:
    if request.finished is not None:
        words = final_records(request, opened, request.finished, offer_above)
        return Transition(request._replace(phase=Phase.CLOSED), tuple(words), closed=True)
    if request.phase is Phase.ENDING:
        return _waiting_for_the_end(request)
    if request.cancelled is not None:
        return _end(request, opened, "cancelled", Failure(code="cancelled", message=request.cancelled.reason))
    if request.now >= deadline_of(opened):
        return _end(request, opened, "expired", EXPIRED)
    if request.phase is Phase.CONCLUDING:
        return Transition(request)
    return _plan(request, opened) if request.plan is None else _collect(request, opened, request.plan)


def _not_opened(before: Request, request: Request, event: Message | Tick) -> Transition[Request]:
    """Wait for the opening, and close if it does not arrive.

    The opening precedes all other facts on a log, except those of a restored request. Without it, the request has ended
    and the join that closed it was restarted since, so this fact is late.
    """
    step = _abandoned(request, request.expires_at + ORPHAN_GRACE_S)
    if isinstance(event, Tick) or request.restored is not None:
        return step
    _, words = on_late_fact(reported_call_ids(before), event)
    return step._replace(messages=words)


def _abandoned(request: Request, when: float) -> Transition[Request]:
    """Close without a message: the process that could have ended this request is gone."""
    if request.now < when:
        return Transition(request)
    return Transition(request._replace(phase=Phase.CLOSED), closed=True)


def _waiting_for_the_end(request: Request) -> Transition[Request]:
    """Wait until our own end is consumed. A process that started after the grace period waits for it once more."""
    if request.now >= request.gives_up_at and not request.last_call:
        return Transition(request._replace(gives_up_at=request.now + ORPHAN_GRACE_S, last_call=True))
    return _abandoned(request, request.gives_up_at)


def _end(request: Request, opened: RequestOpened, outcome: Outcome, failure: Failure) -> Transition[Request]:
    return Transition(_ending(request, opened), (ended(request, outcome, failure),))


def _ending(request: Request, opened: RequestOpened) -> Request:
    gives_up_at = max(request.now, deadline_of(opened)) + ORPHAN_GRACE_S
    return request._replace(phase=Phase.ENDING, gives_up_at=gives_up_at)


def _plan(request: Request, opened: RequestOpened) -> Transition[Request]:
    """Wait for the planner. If the log was lost before a plan was recorded, republish the question once."""
    if request.restored is None or request.restored.planned or request.replanned:
        return Transition(request)
    return Transition(request._replace(replanned=True), (opened.question_asked(),))


def _collect(request: Request, opened: RequestOpened, plan: PlanDrafted) -> Transition[Request]:
    step: Transition[Request] = Transition(request)
    for rule in _RULES:
        follows = rule(step.state, opened, plan)
        if not (step.messages or step.deltas):
            step = follows
            continue
        step = Transition(follows.state, step.messages + follows.messages, step.deltas + follows.deltas)
    return step


def _promote(request: Request, _opened: RequestOpened, plan: PlanDrafted) -> Transition[Request]:
    """Promote the only expert's stream while it is written, once nothing can be added to it."""
    if request.promoted or not is_candidate(plan) or plan.parts[0].id in request.ended_ids:
        return Transition(request)
    of_the_part = (known for known in request.candidates if known.part == plan.parts[0].id)
    stream = next((known.stream for known in of_the_part if plan.plain or known.confidence == "high"), "")
    if not stream:
        return Transition(request)
    return Transition(request._replace(promoted=stream), deltas=(Delta("promote", stream),))


def _conclude(request: Request, opened: RequestOpened, plan: PlanDrafted) -> Transition[Request]:
    if _waits(request):
        return Transition(request)
    conclusion = conclusion_of(request, opened, plan)
    if isinstance(conclusion, AnswerFinished):
        return Transition(_ending(request, opened), (conclusion,))
    lines: tuple[Delta, ...] = ()
    if isinstance(conclusion, MergeAnswer):
        lines = (Delta("progress", text=merge_line(len(conclusion.results), opened.question.language)),)
    return Transition(request._replace(phase=Phase.CONCLUDING), (conclusion,), lines)


def _waits(request: Request) -> bool:
    """When the time of the parts is over, one result suffices; without any, wait for the requested parts."""
    awaited = {part.id for part in request.parts} | (request.requested & {TRACE})
    open_parts = awaited - request.ended_ids
    if not is_late(request):
        return bool(open_parts)
    has_something = any(request.finding_of(part.id) is not None for part in request.parts)
    return not has_something and bool(open_parts & request.requested)


_RULES: tuple[Rule, ...] = (report_progress, request_parts, _promote, request_trace, _conclude)


def _after(message: Message, cause: Message, opened: RequestOpened, times_restored: int) -> Message:
    """Bind to the cause, but use the request's own deadline: facts of parts carry the shorter one of the parts.

    Commands of a restored request get new ids, because consumers must not take them for repeats.
    """
    deadline = parts_deadline_of(opened) if isinstance(message, PartMessage) else deadline_of(opened)
    bound = message.following(cause.envelope, deadline_at=deadline)
    return bound.again(times_restored) if times_restored and isinstance(message, COMMANDS) else bound
