"""The outcome of a plan: results in source order, missing parts with reasons, usage."""

from itertools import chain

from libs.contracts.answer import Failure, MissingPart, PartResult
from libs.contracts.finding import Confidence
from libs.contracts.model_call import ModelCall, Usage, total_usage
from libs.contracts.part_sources import EXPERT, TOOL, source_of
from libs.contracts.plan import PlannedPart
from libs.contracts.progress import PartCompleted
from libs.contracts.reported_calls import reported_calls
from services.merger.domain.request import Request
from services.merger.domain.wording import reason_for

CONFIDENCE_ORDER: tuple[Confidence, ...] = ("high", "medium", "low")
# The first of these that occurs explains most; a missed deadline explains least.
SPECIFIC_CODES = ("model_unavailable", "context_length", "model_refused", "stream_broken")
LEAST_SPECIFIC_CODE = "deadline_exceeded"


def results_of(request: Request) -> tuple[PartResult, ...]:
    """Results in source order, the more confident first.

    Of two results for one task only the better counts, unless a template names several models for opinions.
    """
    arrived = [(result, part) for part in request.parts if (result := _result(request, part)) is not None]
    best: dict[tuple[str, ...], PartResult] = {}
    for result, part in sorted(arrived, key=lambda each: _rank(each[0])):
        best.setdefault(_opinion_key(part), result)
    return tuple(best.values())


def missing_of(request: Request) -> tuple[MissingPart, ...]:
    """Planned parts without a result, in plan order, unless another part answered the same task."""
    answered = {_task_key(part) for part in request.parts if request.finding_of(part.id) is not None}
    return tuple(
        MissingPart(part=part.id, task=part.task, reason=_reason(request, part))
        for part in request.parts
        if request.finding_of(part.id) is None and _task_key(part) not in answered
    )


def spent_by(request: Request) -> Usage:
    """Usage of all calls so far, including failed and unneeded ones."""
    return total_usage(calls_of(request))


def calls_of(request: Request) -> tuple[ModelCall, ...]:
    """All reported model calls, each id once. Repeated work has calls of its own, which were paid for too."""
    ends = () if request.finished is None else (request.finished,)
    calls = chain(*map(reported_calls, (*request.drafts, *request.ended, *ends, *request.loose)))
    return tuple({call.id or call: call for call in calls}.values())


def sources_of(results: tuple[PartResult, ...]) -> tuple[str, ...]:
    """`model@server::category` for experts and the tool's name for tools, each once."""
    names = (f"{r.finding.source}::{r.category}" if r.kind == EXPERT.kind else r.finding.source for r in results)
    return tuple(dict.fromkeys(names))


def most_specific_failure(request: Request) -> Failure:
    failures = [fact.failure for fact in _of_the_plan(request) if fact.failure is not None]
    if not failures:
        return Failure(code="no_answer", message="No part of the request was answered. Try again.")
    return min(failures, key=lambda failure: _specificity(failure.code))


def _of_the_plan(request: Request) -> list[PartCompleted]:
    return [fact for part in request.parts if (fact := request.end_of(part.id)) is not None]


def _result(request: Request, part: PlannedPart) -> PartResult | None:
    finding = request.finding_of(part.id)
    if finding is None:
        return None
    return PartResult(part=part.id, kind=part.kind, task=part.task, category=part.category, finding=finding)


def _rank(result: PartResult) -> tuple[int, int]:
    return source_of(result.kind).rank, CONFIDENCE_ORDER.index(result.finding.confidence)


def _task_key(part: PlannedPart) -> tuple[str, ...]:
    """Two parts of one kind and category with one task answer the same task; two tools never do."""
    if part.kind == TOOL.kind:
        return (TOOL.kind, part.id)
    return (part.kind, part.category or "", " ".join(part.task.casefold().split()))


def _opinion_key(part: PlannedPart) -> tuple[str, ...]:
    return _task_key(part) if part.model is None else (*_task_key(part), part.model.model, part.model.server)


def _reason(request: Request, part: PlannedPart) -> str:
    language = request.opened.question.language if request.opened is not None else "en"
    fact = request.end_of(part.id)
    return reason_for(fact.failure if fact is not None else None, language, ended=fact is not None)


def _specificity(code: str) -> int:
    if code in SPECIFIC_CODES:
        return SPECIFIC_CODES.index(code)
    return len(SPECIFIC_CODES) + (code == LEAST_SPECIFIC_CODE)
