"""Recognises unambiguous precision questions without a model, in English and German.

A question is matched as a whole, from its first word to its last, against small grammars. A question with a second
request never matches, and neither do numbers that are names (24/7, 555-1234, 3.11).
"""

import re

from services.planner.recogniser.arithmetic import recognise_calculation
from services.planner.recogniser.beyond import wants_more
from services.planner.recogniser.blocks import with_quoted_blocks
from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.clauses import LONGEST, asking_clauses
from services.planner.recogniser.colloquial import in_plain_words
from services.planner.recogniser.cues import CueIndex
from services.planner.recogniser.dates import recognise_date_distance
from services.planner.recogniser.families import FAMILIES
from services.planner.recogniser.intents import rewritings
from services.planner.recogniser.literals import length_outside, with_single_spaces
from services.planner.recogniser.number_words import with_digits
from services.planner.recogniser.phrasing import MAX_CHARS, MAX_CORE, UnwrappedQuestion, unwrap_question
from services.planner.recogniser.requests import call_among_words
from services.planner.recogniser.restrictions import is_restricted
from services.planner.recogniser.subnets import recognise_subnet
from services.planner.recogniser.telling import without_telling

__all__ = ["ToolCall", "recognise"]

_QUOTE = re.compile(r"[\"`„“«»{]")
# what to do, what ought to be, and what a term means
_OTHER_WISH = re.compile(
    r"(?:(?:hey|hi|so|also|und|and|ok)[ ,]+)?(?:what (?:should|shall|must|did|would|will|do|can|could)"
    r" (?:i|we|you|they|he|she|one|people)(?! (?:(?:need to |have to )?(?:get|see|have|obtain|owe|pay|end|expect|write"
    r"|call|receive|earn|put|type|use|read|find|multiply|enter|tell)|need|want|mean))\b"
    r"|what (?:should|shall|must|did|do|does|would|will|can|could) (?:[^\W\d_]+ ){1,3}do\b"
    r"|was (?:machen|mache|tun|tue|sollen|planen|unternehmen|feiern) (?:ich|wir|man|ihr|sie)\b"
    r"|should (?:an?|the|i|we|you|my|our)\b|soll(?:te|ten)? (?:ein|eine|der|die|das|ich|wir|man)\b"
    r"|was bedeute[nt] (?:eine?|einen)\b)",
    re.IGNORECASE,
)
_FAMILIES_BY_CUE = CueIndex([family.cues for family in FAMILIES])
# a number word may be the text itself: `md5 of seven`
_OF_TEXTS = frozenset({"hash_text", "base64_codec", "checksum", "regex_extract", "text_analyze", "text_diff"})


def recognise(question: str) -> tuple[ToolCall, ...] | None:
    """The calls that answer the whole question, or None if a model must plan. Pure; never raises."""
    if _OTHER_WISH.match(question):
        return None
    quoted = with_quoted_blocks(question)
    forms = (question,) if quoted is None else (quoted, question)
    call = next((call for form in forms if (call := _of_one_form(form)) is not None), None)
    if call is None or is_restricted(question, call.tool) or wants_more(question, call):
        return None
    return (call,)


def _of_one_form(question: str) -> ToolCall | None:
    return _of_text(question) or _of_a_clause(question)


def _of_a_clause(question: str) -> ToolCall | None:
    """Match the request in plainer words and without surrounding clauses, then once more with digits for number
    words."""
    if len(question) > MAX_CHARS or (len(question) > LONGEST and length_outside(question) > LONGEST):
        return None
    written = with_single_spaces(question)
    plain = in_plain_words(written)
    clauses = (*asking_clauses(plain), without_telling(plain))
    forms = (form for form in dict.fromkeys((plain, *clauses)) if form != question)
    call = next((call for form in forms if (call := _of_text(form)) is not None), None)
    call = call or (None if _QUOTE.search(plain) else _of_number_words(plain, clauses))
    return call or call_among_words(plain)


def _of_number_words(plain: str, clauses: tuple[str, ...]) -> ToolCall | None:
    lowered = plain.lower()
    spoken = with_digits(lowered)
    if spoken == lowered:
        return None
    others = (with_digits(clause.lower()) for clause in clauses if clause != plain)
    forms = dict.fromkeys((spoken, *others, *asking_clauses(spoken)))
    calls = (call for form in forms if (call := _of_text(form)) is not None)
    return next((call for call in calls if call.tool not in _OF_TEXTS), None)


def _of_text(question: str) -> ToolCall | None:
    meant = unwrap_question(question)
    return None if meant is None else _of_rules(meant) or _of_an_intent(meant)


def _of_rules(meant: UnwrappedQuestion) -> ToolCall | None:
    return _of_plain_text(meant) or _of_a_family(meant)


def _of_plain_text(meant: UnwrappedQuestion) -> ToolCall | None:
    core = meant.plain
    if len(core) > MAX_CORE:
        return None
    return recognise_subnet(core) or recognise_date_distance(core) or recognise_calculation(core)


def _of_a_family(meant: UnwrappedQuestion) -> ToolCall | None:
    is_long = len(meant.core) > MAX_CORE  # most families take none
    candidates = range(len(FAMILIES)) if is_long else _FAMILIES_BY_CUE.candidates(meant.core)
    families = (FAMILIES[index] for index in candidates)
    return next((call for family in families if (call := family.recognise(meant)) is not None), None)


def _of_an_intent(meant: UnwrappedQuestion) -> ToolCall | None:
    """Rules match one order of words; if none matches, an intent that knows every word rewrites the question."""
    return next((call for form in rewritings(meant) if (call := _of_rules(form)) is not None), None)
