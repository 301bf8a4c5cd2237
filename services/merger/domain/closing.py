"""The last words about a request: the log line, and the knowledge worth keeping."""

import re

from libs.contracts.answer import AnswerFinished, PartResult
from libs.contracts.message import Message
from libs.contracts.model_call import Usage, total_usage
from libs.contracts.plan_section import preface_of
from libs.contracts.progress import RequestOpened
from libs.contracts.records import KnowledgeOffered, KnowledgeType, RequestLogged
from services.merger.domain.gathering import results_of, spent_by
from services.merger.domain.request import Request

TOOLS_DOMAIN = "precision_tools"
_PROCEDURAL = re.compile(
    r"\b(requires?|must|before you|prerequisites?)\b|^\W*first\b|\bfirst,"
    r"|\b(erforderlich|muss|müssen|zuerst|bevor (du|sie))\b",
    re.IGNORECASE | re.MULTILINE,
)
# Each match of the pattern has one of these in it.
_STEMS = ("require", "must", "before you", "prerequisite", "first", "erforderlich", "muss", "müssen", "zuerst", "bevor")


def last_words(request: Request, opened: RequestOpened, finished: AnswerFinished, offer_above: int) -> list[Message]:
    """Return the log record, and the offer when an answer has more than `offer_above` characters."""
    words: list[Message] = [_log_record(opened, finished, _spent(request, finished))]
    results, text = results_of(request), _text_alone(request, opened, finished)
    if finished.outcome == "answered" and len(text) > offer_above and results:
        words.append(_offer(opened, text, _dominant(results)))
    return words


def _text_alone(request: Request, opened: RequestOpened, finished: AnswerFinished) -> str:
    """Return the answer without the plan that may stand before it: nobody learns from that."""
    return finished.text.removeprefix(preface_of(request.parts, opened.question))


def _spent(request: Request, finished: AnswerFinished) -> Usage:
    """Return the usage of all calls: whoever wrote the end may not know of parts that ended meanwhile, and the end of
    another stage may tell of calls that we heard nothing else of."""
    return finished.usage.at_least(total_usage(finished.calls, spent_by(request)))


def _log_record(opened: RequestOpened, finished: AnswerFinished, spent: Usage) -> RequestLogged:
    return RequestLogged(
        response_id=opened.envelope.response_id,
        input=opened.question.text,
        answer=finished.text,
        expert_models_used=tuple(source for source in finished.sources if "::" in source),
        ts=opened.accepted_at,
        outcome=finished.outcome,
        cache_hit=finished.known,
        usage=spent,
        account=opened.account,
        model=opened.model,
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
    """The most confident expert comes first among the experts; without one it was the tools."""
    return next((result for result in results if result.kind == "expert"), results[0])


def knowledge_type_of(text: str) -> KnowledgeType:
    """Return `procedural` for a text that tells what has to be done first, else `factual`."""
    lowered = text.lower()
    if not any(stem in lowered for stem in _STEMS):
        return "factual"  # most texts: looking for the whole pattern costs ten times as much
    return "procedural" if _PROCEDURAL.search(text) else "factual"
