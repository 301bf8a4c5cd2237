"""The records published after the end of a request: the log record and the offered knowledge."""

import re

from libs.contracts.answer import AnswerFinished, PartResult
from libs.contracts.message import Message
from libs.contracts.model_call import total_usage
from libs.contracts.part_sources import EXPERT
from libs.contracts.plan_section import preface_of
from libs.contracts.progress import RequestOpened
from libs.contracts.records import CallsLogged, KnowledgeOffered, KnowledgeType, RequestLogged
from libs.contracts.reported_calls import reported_calls
from services.merger.domain.gathering import calls_of, results_of
from services.merger.domain.request import Request

TOOLS_DOMAIN = "precision_tools"
_PROCEDURAL = re.compile(
    r"\b(requires?|must|before you|prerequisites?)\b|^\W*first\b|\bfirst,"
    r"|\b(erforderlich|muss|müssen|zuerst|bevor (du|sie))\b",
    re.IGNORECASE | re.MULTILINE,
)
# Each match of the pattern has one of these in it.
_STEMS = ("require", "must", "before you", "prerequisite", "first", "erforderlich", "muss", "müssen", "zuerst", "bevor")


def final_records(request: Request, opened: RequestOpened, finished: AnswerFinished, offer_above: int) -> list[Message]:
    """The log record, and the knowledge offer if an answer has results and more than `offer_above` characters."""
    words: list[Message] = [_log_record(request, opened, finished)]
    results, text = results_of(request), _text_alone(request, opened, finished)
    if finished.outcome == "answered" and len(text) > offer_above and results:
        words.append(_offer(opened, text, _dominant(results)))
    return words


def _text_alone(request: Request, opened: RequestOpened, finished: AnswerFinished) -> str:
    """Without the plan that may precede the answer: it is not knowledge."""
    return finished.text.removeprefix(preface_of(request.parts, opened.question))


def reported_call_ids(request: Request) -> str:
    """The ids of all reported calls, joined by spaces."""
    return " ".join(call.id for call in calls_of(request) if call.id)


def on_late_fact(reported: str, fact: Message) -> tuple[str, tuple[Message, ...]]:
    """Extend the reported ids of an ended request, and log the calls that only this late fact reports.

    Calls without an id, as in older records, are ignored: they cannot be distinguished from reported ones.
    """
    calls = tuple(call for call in reported_calls(fact) if call.id and call.id not in reported)
    if not calls:
        return reported, ()
    words = CallsLogged(response_id=fact.envelope.response_id, calls=calls).after(fact)
    return " ".join((reported, *(call.id for call in calls))), (words,)


def _log_record(request: Request, opened: RequestOpened, finished: AnswerFinished) -> RequestLogged:
    calls = calls_of(request)
    return RequestLogged(
        response_id=opened.envelope.response_id,
        input=opened.question.text,
        answer=finished.text,
        expert_models_used=tuple(source for source in finished.sources if "::" in source),
        ts=opened.accepted_at,
        outcome=finished.outcome,
        cache_hit=finished.known,
        # The end of a restored request may include calls that no fact reported.
        usage=finished.usage.at_least(total_usage(calls)),
        account=opened.account,
        model=opened.model,
        calls=tuple(call.id for call in calls if call.id),
    )


def _offer(opened: RequestOpened, text: str, dominant: PartResult) -> KnowledgeOffered:
    domain = dominant.category or TOOLS_DOMAIN
    return KnowledgeOffered(
        input=opened.question.text,
        answer=text,
        domain=domain,
        source_expert=domain,
        source_model=dominant.finding.source,
        confidence=dominant.finding.confidence,
        knowledge_type=knowledge_type_of(text),
    )


def _dominant(results: tuple[PartResult, ...]) -> PartResult:
    """Results are in source order, so the first expert is the most confident one; without experts, tools answered."""
    return next((result for result in results if result.kind == EXPERT.kind), results[0])


def knowledge_type_of(text: str) -> KnowledgeType:
    """`procedural` for a text that states prerequisites or a first step, else `factual`."""
    lowered = text.lower()
    if not any(stem in lowered for stem in _STEMS):
        return "factual"  # most texts: searching the whole pattern costs ten times as much
    return "procedural" if _PROCEDURAL.search(text) else "factual"
