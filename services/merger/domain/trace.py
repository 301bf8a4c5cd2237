"""The step before the answer: the judge weighs what arrived, where the plan says so."""

from libs.contracts.answer import WriteTrace
from libs.contracts.progress import PlanDrafted, RequestOpened
from libs.ports.deltas import Delta
from libs.ports.reducer import Transition
from services.merger.domain.gathering import missing_of, results_of
from services.merger.domain.request import Request, is_late
from services.merger.domain.wording import thinking_line

TRACE = "trace"  # the part that it is, besides those of the plan


def request_trace(request: Request, opened: RequestOpened, plan: PlanDrafted) -> Transition[Request]:
    """Ask for the trace, once, when all parts of the plan have ended; not where the time left is the judge's."""
    if not plan.thinks or TRACE in request.requested | request.ended_ids or is_late(request):
        return Transition(request)
    if {part.id for part in request.parts} - request.ended_ids or not (results := results_of(request)):
        return Transition(request)
    command = WriteTrace(
        part=TRACE,
        question=opened.question,
        results=results,
        missing=missing_of(request),
        judge=opened.staffing.judge if opened.staffing is not None else None,
    )
    line = Delta("progress", text=thinking_line(len(results), opened.question.language))
    return Transition(request._replace(requested=request.requested | {TRACE}), (command,), (line,))


def trace_of(request: Request) -> str:
    """Return what weighing gave; empty where nobody did, or it failed: then the answer is written without."""
    finding = request.finding_of(TRACE)
    return finding.text if finding is not None else ""
