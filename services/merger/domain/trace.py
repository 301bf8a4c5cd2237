"""The trace: the judge weighs the results before the answer, if the plan requires it."""

from libs.contracts.answer import WriteTrace
from libs.contracts.progress import PlanDrafted, RequestOpened
from libs.ports.deltas import Delta
from libs.ports.reducer import Transition
from services.merger.domain.gathering import missing_of, results_of
from services.merger.domain.request import Request, is_late
from services.merger.domain.wording import thinking_line

TRACE = "trace"  # id of the extra part beside those of the plan


def request_trace(request: Request, opened: RequestOpened, plan: PlanDrafted) -> Transition[Request]:
    """Request the trace once, when all parts of the plan have ended and the time left is not the judge's."""
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
    """Empty without a trace, also after its failure; the answer is then written without one."""
    finding = request.finding_of(TRACE)
    return finding.text if finding is not None else ""
