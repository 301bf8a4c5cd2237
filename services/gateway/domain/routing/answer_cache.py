"""Policy of the answer cache: answers are reused for the same question, by the same tenant, with the same wording."""

import hashlib
import re
from dataclasses import dataclass

import orjson

from libs.contracts.answer import AnswerFinished
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.routing.decide import ToFleet

LAYOUT = 2  # part of the key: entries of another layout are never found
_LITERAL = re.compile(r"[\"'`«»\u2018-\u201f\n]")


@dataclass(frozen=True, slots=True)
class AnswerCachePolicy:
    """Answers with more than `min_chars` characters are cached for `life_s` seconds; 0 seconds disables the cache."""

    life_s: int = 1800
    min_chars: int = 50


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """A cached answer: `origin` is the id of the response that it was written for."""

    origin: str
    text: str
    sources: tuple[str, ...]

    def packed(self) -> bytes:
        return orjson.dumps([self.origin, self.text, self.sources])

    @classmethod
    def read(cls, packed: bytes) -> "CachedAnswer":
        origin, text, sources = orjson.loads(packed)
        return cls(origin, text, tuple(sources))


def normalised(question: str) -> str:
    """Normalise a question: collapse blanks and drop its last `?` or `.`.

    Case stays, because 5 mW are not 5 MW; so does `!`, because 5! is not 5. Blanks stay in a text with quotes or line
    breaks, which may be the subject of the question.
    """
    text = question.strip()
    if text.endswith(("?", ".")):
        text = text[:-1].rstrip()
    return text if _LITERAL.search(text) else " ".join(text.split())


def question_key(decision: ToFleet) -> bytes:
    """Serialize all inputs of an answer. The tenant is not included: each tenant has keys of its own."""
    question, staffing = decision.question, decision.staffing
    return orjson.dumps(
        [
            LAYOUT,
            decision.model,
            question.mode,
            question.language,
            normalised(question.text),
            hashlib.sha256(question.instructions.encode(errors="replace")).hexdigest(),
            [(turn.speaker, turn.text) for turn in question.history],
            question.max_tokens,
            question.temperature,
            None if staffing is None else hashlib.sha256(staffing.model_dump_json().encode()).hexdigest(),
        ]
    )


def is_cacheable(decision: ToFleet, request: InferenceRequest, cache_control: str) -> bool:
    """True when a cached answer may be used."""
    wants_anew = request.no_cache or "no-cache" in cache_control or "no-store" in cache_control
    return decision.cache and decision.question.mode == "default" and not wants_anew


def is_worth_caching(end: AnswerFinished, rules: AnswerCachePolicy) -> bool:
    """True for a complete answer that is long enough to be one."""
    return end.outcome == "answered" and not end.truncated and not end.partial and len(end.text) > rules.min_chars


def end_of(known: CachedAnswer) -> AnswerFinished:
    """The end of a request with a cached answer: no model was called."""
    return AnswerFinished(outcome="answered", text=known.text, sources=known.sources, known=True)
