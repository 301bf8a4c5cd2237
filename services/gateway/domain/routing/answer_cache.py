"""Which answers may be given again, and to which questions: the same ones, by the same tenant, in the same words."""

import hashlib
import re
from dataclasses import dataclass

import orjson

from libs.contracts.answer import AnswerFinished
from services.gateway.domain.question.inference_request import InferenceRequest
from services.gateway.domain.routing.decide import ToFleet

LAYOUT = 2  # another one never finds what this one noted
_LITERAL = re.compile(r"[\"'`«»\u2018-\u201f\n]")


@dataclass(frozen=True, slots=True)
class AnswerCachePolicy:
    """Answers are kept for `life_s` seconds if they have more than `min_chars` characters; 0 seconds: not at all."""

    life_s: int = 1800
    min_chars: int = 50


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """An answer that was given before: `origin` is the response that it was written for."""

    origin: str
    text: str
    sources: tuple[str, ...]

    def packed(self) -> bytes:
        """Return what `read` reads."""
        return orjson.dumps([self.origin, self.text, self.sources])

    @classmethod
    def read(cls, packed: bytes) -> "CachedAnswer":
        """Return the answer that was packed."""
        origin, text, sources = orjson.loads(packed)
        return cls(origin, text, tuple(sources))


def normalised(question: str) -> str:
    """Return a question without what changes no answer: how many blanks it has, and its last `?` or `.`.

    Case stays, as 5 mW are not 5 MW; so does `!`, as 5! is not 5. What is quoted, or set in lines, may be the very
    thing that is asked about, so blanks are left there.
    """
    asked = question.strip()
    if asked.endswith(("?", ".")):
        asked = asked[:-1].rstrip()
    return asked if _LITERAL.search(asked) else " ".join(asked.split())


def question_key(decision: ToFleet) -> bytes:
    """Return all that an answer depends on, as bytes. The tenant is no part of it: it has keys of its own."""
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


def is_cacheable(decision: ToFleet, ask: InferenceRequest, cache_control: str) -> bool:
    """Return whether an answer that was given before is good enough."""
    wants_anew = ask.no_cache or "no-cache" in cache_control or "no-store" in cache_control
    return decision.cache and decision.question.mode == "default" and not wants_anew


def is_worth_caching(end: AnswerFinished, rules: AnswerCachePolicy) -> bool:
    """Return whether an end can answer the same question again: whole, and not too short to be one."""
    return end.outcome == "answered" and not end.truncated and not end.partial and len(end.text) > rules.min_chars


def end_of(known: CachedAnswer) -> AnswerFinished:
    """Return the end of a request whose answer was known: no model was called for it."""
    return AnswerFinished(outcome="answered", text=known.text, sources=known.sources, known=True)
