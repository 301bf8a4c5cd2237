"""Commands for parts whose needs have ended."""

from libs.contracts.message import PartMessage
from libs.contracts.part_source import PartBrief
from libs.contracts.part_sources import command_of
from libs.contracts.plan import PlannedPart
from libs.contracts.progress import PlanDrafted, RequestOpened
from libs.contracts.question import Question
from libs.core.text import capped
from libs.ports.reducer import Transition
from services.merger.domain.request import Request, is_late
from services.merger.domain.wording import reason_for

CONTEXT_CHARS = 400


def request_parts(request: Request, opened: RequestOpened, plan: PlanDrafted) -> Transition[Request]:
    """Request each part once, as soon as its needs have ended; none after the deadline of the parts."""
    if is_late(request):
        return Transition(request)
    ready = [part for part in plan.parts if _is_ready(request, part)]
    if not ready:
        return Transition(request)
    commands = tuple(_command(request, part, opened, plan) for part in ready)
    return Transition(request._replace(requested=request.requested | {part.id for part in ready}), commands)


def _is_ready(request: Request, part: PlannedPart) -> bool:
    """A need that is not in the plan never ends, so it is ignored."""
    if part.id in request.requested or part.id in request.ended_ids:
        return False
    needs = {need for need in part.needs if any(need == other.id for other in request.parts)}
    return needs <= request.ended_ids


def _command(request: Request, part: PlannedPart, opened: RequestOpened, plan: PlanDrafted) -> PartMessage:
    needed = [other for other in request.parts if other.id in part.needs]
    context = "\n\n".join(_context_of(request, other, opened.question) for other in needed)
    return command_of(part, PartBrief(plan, opened.question, opened.staffing, context))


def _context_of(request: Request, part: PlannedPart, question: Question) -> str:
    finding, fact = request.finding_of(part.id), request.end_of(part.id)
    if finding is not None:
        return f"{part.task}\n{capped(finding.text, CONTEXT_CHARS)}"
    failure = fact.failure if fact is not None else None
    missing = "Missing" if question.language == "en" else "Fehlt"
    return f"{part.task}\n({missing}: {reason_for(failure, question.language, ended=True)})"
