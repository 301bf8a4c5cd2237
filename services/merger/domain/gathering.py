"""What came of a plan: results in source order, what is missing and why, what it cost."""

from libs.contracts.answer import Failure, MissingPart, PartResult
from libs.contracts.finding import Confidence, PartKind
from libs.contracts.model_call import Usage, total_usage
from libs.contracts.plan import PlannedPart
from libs.contracts.progress import PartCompleted
from services.merger.domain.request import Request
from services.merger.domain.wording import reason_for

# trace > tools > graph > experts > web > cache, of those whose services are there
SOURCE_ORDER: tuple[PartKind, ...] = ("tool", "expert")
CONFIDENCE_ORDER: tuple[Confidence, ...] = ("high", "medium", "low")
# The first of these that occurs says most about why nothing came; a missed deadline says least.
TELLING = ("model_unavailable", "context_length", "model_refused", "stream_broken")
LEAST_TELLING = "deadline_exceeded"


def results_of(request: Request) -> tuple[PartResult, ...]:
    """Return the results in source order, the more confident first; of two answers to one task only the better."""
    arrived = [result for part in request.parts if (result := _result(request, part)) is not None]
    best: dict[tuple[str, ...], PartResult] = {}
    for result in sorted(arrived, key=_rank):
        best.setdefault(_task_key(result.part, result), result)
    return tuple(best.values())


def missing_of(request: Request) -> tuple[MissingPart, ...]:
    """Return the planned parts that gave nothing, in plan order, unless another part answered the same task."""
    answered = {_task_key(part.id, part) for part in request.parts if request.finding_of(part.id) is not None}
    return tuple(
        MissingPart(part=part.id, task=part.task, reason=_reason(request, part))
        for part in request.parts
        if request.finding_of(part.id) is None and _task_key(part.id, part) not in answered
    )


def spent_by(request: Request) -> Usage:
    """Return the usage of all calls so far: of every plan and of every part, those that were not needed included."""
    plans = (call for draft in request.drafts for call in draft.calls)
    findings = (fact.finding for fact in request.ended if fact.finding is not None)
    return total_usage((*plans, *(call for finding in findings for call in finding.calls)))


def sources_of(results: tuple[PartResult, ...]) -> tuple[str, ...]:
    """Return `model@server::category` for experts and the tool's name for tools, each once."""
    names = (f"{r.finding.source}::{r.category}" if r.kind == "expert" else r.finding.source for r in results)
    return tuple(dict.fromkeys(names))


def most_telling_failure(request: Request) -> Failure:
    """Return the failure that explains best why no part answered."""
    failures = [fact.failure for fact in _of_the_plan(request) if fact.failure is not None]
    if not failures:
        return Failure(code="no_answer", message="No part of the request gave an answer. Ask again.")
    return min(failures, key=lambda failure: _telling_rank(failure.code))


def _of_the_plan(request: Request) -> list[PartCompleted]:
    return [fact for part in request.parts if (fact := request.end_of(part.id)) is not None]


def _result(request: Request, part: PlannedPart) -> PartResult | None:
    finding = request.finding_of(part.id)
    if finding is None:
        return None
    return PartResult(part=part.id, kind=part.kind, task=part.task, category=part.category, finding=finding)


def _rank(result: PartResult) -> tuple[int, int]:
    return SOURCE_ORDER.index(result.kind), CONFIDENCE_ORDER.index(result.finding.confidence)


def _task_key(part: str, job: PlannedPart | PartResult) -> tuple[str, ...]:
    """Two experts of one category with one task answer the same thing; two tools never do."""
    if job.kind == "tool":
        return ("tool", part)
    return ("expert", job.category or "", " ".join(job.task.casefold().split()))


def _reason(request: Request, part: PlannedPart) -> str:
    language = request.opened.question.language if request.opened is not None else "en"
    fact = request.end_of(part.id)
    return reason_for(fact.failure if fact is not None else None, language, ended=fact is not None)


def _telling_rank(code: str) -> int:
    if code in TELLING:
        return TELLING.index(code)
    return len(TELLING) + (code == LEAST_TELLING)
