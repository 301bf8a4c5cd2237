"""How a request concludes when its parts have ended: an answer, a draft for the critic, or a command for the judge."""

from libs.contracts.answer import AnswerDrafted, AnswerFinished, Failure, MergeAnswer, Outcome, PartResult
from libs.contracts.part_sources import EXPERT, TOOL
from libs.contracts.plan import PlannedPart
from libs.contracts.plan_section import preface_of
from libs.contracts.progress import PlanDrafted, RequestOpened
from libs.contracts.question import Language, Question
from libs.contracts.sources.expert import is_candidate
from libs.core.advice import advice, with_advice
from libs.core.output_filters import filter_text
from services.merger.domain.gathering import missing_of, most_specific_failure, results_of, sources_of, spent_by
from services.merger.domain.request import Request
from services.merger.domain.trace import trace_of
from services.merger.domain.wording import is_user_error, missing_note, refusal

EXPIRED = Failure(
    code="deadline_exceeded", message="The request was not finished in time. Try again, or send a smaller request."
)

Conclusion = AnswerFinished | AnswerDrafted | MergeAnswer


def conclusion_of(request: Request, opened: RequestOpened, plan: PlanDrafted) -> Conclusion:
    """An answer of tools or of one expert needs no judge; without results the request fails."""
    results = results_of(request)
    if _is_for_tools_alone(plan):
        return _tools_answer(request, opened.question, results)
    if not results:
        return ended(request, "failed", most_specific_failure(request))
    if _speaks_for_itself(request, plan, results):
        return _expert_answer(request, opened, plan, results)
    return MergeAnswer(
        question=opened.question,
        results=results,
        missing=missing_of(request),
        critic=plan.critic,
        spent=spent_by(request),
        judge=opened.staffing.judge if opened.staffing is not None else None,
        preface=preface_of(plan.parts, opened.question),
        trace=trace_of(request),
    )


def ended(request: Request, outcome: Outcome, failure: Failure) -> AnswerFinished:
    return AnswerFinished(outcome=outcome, failure=failure, usage=spent_by(request))


def _is_for_tools_alone(plan: PlanDrafted) -> bool:
    return plan.source == "recogniser" and not plan.critic and all(part.kind == TOOL.kind for part in plan.parts)


def _tools_answer(request: Request, question: Question, results: tuple[PartResult, ...]) -> AnswerFinished:
    """Exact results need no model. A tool's rejection of its arguments explains itself, so it is part of the answer."""
    lines = [text for part in request.parts if (text := _tool_text(request, part, question.language))]
    if not lines:
        return ended(request, "failed", most_specific_failure(request))
    missing = tuple(part for part in missing_of(request) if _user_error(request, part.part) is None)
    note = missing_note(missing, question.language)
    text = filter_text("\n".join(lines), question.mode, question.language) + (f"\n\n{note}" if note else "")
    text = preface_of(request.parts, question) + text
    sources, spent = sources_of(results), spent_by(request)
    return AnswerFinished(outcome="answered", text=text, sources=sources, usage=spent, partial=bool(missing))


def _tool_text(request: Request, part: PlannedPart, language: Language) -> str:
    if (finding := request.finding_of(part.id)) is not None:
        return finding.text
    error = _user_error(request, part.id)
    tool = part.call.tool if part.call is not None else part.id
    return refusal(tool, error, language) if error is not None else ""


def _user_error(request: Request, part: str) -> Failure | None:
    fact = request.end_of(part)
    failure = fact.failure if fact is not None else None
    return failure if failure is not None and is_user_error(failure) else None


def _speaks_for_itself(request: Request, plan: PlanDrafted, results: tuple[PartResult, ...]) -> bool:
    """True for one confident, ungraded or already promoted expert's result, if nothing is missing or traced."""
    if len(results) != 1 or results[0].kind != EXPERT.kind or missing_of(request) or trace_of(request):
        return False
    return plan.plain or bool(request.promoted) or results[0].finding.confidence == "high"


def _expert_answer(
    request: Request, opened: RequestOpened, plan: PlanDrafted, results: tuple[PartResult, ...]
) -> AnswerFinished | AnswerDrafted:
    finding, sources, spent = results[0].finding, sources_of(results), spent_by(request)
    question, preface = opened.question, preface_of(plan.parts, opened.question)
    text = _in_shape(finding.text, question, plan)
    if plan.critic:
        return AnswerDrafted(
            question=question,
            text=text,
            categories=plan.critic,
            sources=sources,
            spent=spent,
            truncated=finding.truncated,
            judge=opened.staffing.judge.model if opened.staffing is not None else None,
            preface=preface,
        )
    truncated = finding.truncated
    return AnswerFinished(outcome="answered", text=preface + text, truncated=truncated, sources=sources, usage=spent)


def _in_shape(text: str, question: Question, plan: PlanDrafted) -> str:
    """A candidate was filtered while it was streamed and must equal the sent text; other texts are filtered here."""
    if is_candidate(plan):
        return text
    words = sum(len(sentence.split()) for sentence in advice(plan.critic, question.language))
    text = filter_text(text, question.mode, question.language, spare_words=words)
    return with_advice(text, plan.critic, question.language)
