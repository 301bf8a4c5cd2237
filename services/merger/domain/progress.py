"""Progress lines for the reasoning panel: the plan, and how each part ended."""

from libs.contracts.plan import PlannedPart
from libs.contracts.progress import PlanDrafted, RequestOpened
from libs.contracts.question import Language
from libs.ports.deltas import Delta
from libs.ports.reducer import Transition
from services.merger.domain.request import Request
from services.merger.domain.wording import part_line, plan_line


def report_progress(request: Request, opened: RequestOpened, plan: PlanDrafted) -> Transition[Request]:
    """Report the plan and each end once; omit ends of parts when the answer is already streamed."""
    language = opened.question.language
    lines = [] if request.plan_reported else [plan_line(plan.parts, language)]
    news = [part for part in plan.parts if part.id in request.ended_ids - request.reported]
    if not request.promoted:
        lines += [_line(request, part, language) for part in news]
    if request.plan_reported and not news:
        return Transition(request)
    reported = request._replace(plan_reported=True, reported=request.reported | {part.id for part in news})
    return Transition(reported, deltas=tuple(Delta("progress", text=line) for line in lines))


def _line(request: Request, part: PlannedPart, language: Language) -> str:
    fact = request.end_of(part.id)
    failure = fact.failure if fact is not None else None
    return part_line(part, request.finding_of(part.id), failure, language)
