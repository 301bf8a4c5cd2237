"""The last words about a request: the log line, and the knowledge worth keeping."""

import re

from libs.contracts.answer import AnswerFinished, PartResult
from libs.contracts.message import Message
from libs.contracts.model_call import total_usage
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
    """Return the log record, and the offer when an answer has more than `offer_above` characters."""
    words: list[Message] = [_log_record(request, opened, finished)]
    results, text = results_of(request), _text_alone(request, opened, finished)
    if finished.outcome == "answered" and len(text) > offer_above and results:
        words.append(_offer(opened, text, _dominant(results)))
    return words


def _text_alone(request: Request, opened: RequestOpened, finished: AnswerFinished) -> str:
    """Return the answer without the plan that may stand before it: nobody learns from that."""
    return finished.text.removeprefix(preface_of(request.parts, opened.question))


def reported_call_ids(request: Request) -> str:
    """Return the ids of the calls that are told of, as one text."""
    return " ".join(call.id for call in calls_of(request) if call.id)


def on_late_fact(reported: str, fact: Message) -> tuple[str, tuple[Message, ...]]:
    """Return what is booked of a request that has ended, and the words about calls that only now come to light.

    Calls without an id, as older records have them, cannot be told from those that are booked.
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
        # Of a request that was restored, its end may know of calls that nobody has told us of.
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
    """The most confident expert comes first among the experts; without one it was the tools."""
    return next((result for result in results if result.kind == "expert"), results[0])


def knowledge_type_of(text: str) -> KnowledgeType:
    """Return `procedural` for a text that tells what has to be done first, else `factual`."""
    lowered = text.lower()
    if not any(stem in lowered for stem in _STEMS):
        return "factual"  # most texts: looking for the whole pattern costs ten times as much
    return "procedural" if _PROCEDURAL.search(text) else "factual"
