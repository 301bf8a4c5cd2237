"""Requests among unknown words, for every tool; the last attempt, after the grammars and the intents."""

import re
import unicodedata

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.cues import CueIndex
from services.planner.recogniser.families.colors import NAMES
from services.planner.recogniser.literals import MARK, Literal, length_outside, without_literals
from services.planner.recogniser.number_words import with_digits
from services.planner.recogniser.request_words import CHANGING_WORDS, count_questions
from services.planner.recogniser.requests import (
    algebra,
    bits,
    calculus,
    calendar,
    chances,
    choosing,
    clocks,
    codes,
    colors,
    counts,
    documents,
    inference,
    integers,
    interest,
    intervals,
    matrices,
    measures,
    networks,
    operations,
    pairs,
    patterns,
    prices,
    quantities,
    rates,
    samples,
    science,
    shares,
    spans,
    structures,
    texts,
    versions,
    workdays,
)
from services.planner.recogniser.requests.reader import KNOWN_WORDS, Request
from services.planner.recogniser.telling import Clause, may_tell, telling_clauses, without_clauses, without_counts

LONGEST = 400
REQUESTS: tuple[Request, ...] = (
    *integers.REQUESTS, *bits.REQUESTS, *choosing.REQUESTS, *chances.REQUESTS, *quantities.REQUESTS, *measures.REQUESTS,
    *science.REQUESTS, *shares.REQUESTS, *samples.REQUESTS, *pairs.REQUESTS, *intervals.REQUESTS, *inference.REQUESTS,
    *interest.REQUESTS, *rates.REQUESTS, *prices.REQUESTS, *spans.REQUESTS, *calendar.REQUESTS,
    *workdays.REQUESTS, *clocks.REQUESTS, *codes.REQUESTS, *versions.REQUESTS, *colors.REQUESTS,
    *texts.REQUESTS, *counts.REQUESTS, *patterns.REQUESTS, *documents.REQUESTS, *networks.REQUESTS,
    *structures.REQUESTS, *calculus.REQUESTS, *matrices.REQUESTS, *algebra.REQUESTS,
    *operations.REQUESTS,
)  # fmt: skip
_VALUE = re.compile(
    r"[\d\"'`„“«»{<∫\[]|[MDCLXVI]{2}|[A-Z]\w*-[A-Z]|[A-Z][a-z]?[A-Z]|[a-z]\^|\([a-z]\)"
    r"|\w-+>|\w-\w{1,12},|rgb|hs[lv]|hex|cmyk|RGB|onstant|onstante|light|licht|charge|ladung|mass|robab|rscheinl"
)
_REQUESTS_BY_CUE = CueIndex([request.cues for request in REQUESTS])
_PATTERNS = "\n".join(pattern for request in REQUESTS for pattern in (*request.keys.values(), *request.values.values()))
_OWN = frozenset[str]().union(KNOWN_WORDS, *(request.own for request in REQUESTS), re.findall(r"[^\W\d_]+", _PATTERNS))
# words that change every request: no request has them as its own or in a pattern
_ALWAYS_OTHER = CHANGING_WORDS - _OWN
_SIGNS = str.maketrans({"\u2212": "-", "\u00d7": "*", "⋅": "*", "\u00b7": "*", "÷": "/", "\u00a0": " "})
_ASKS = re.compile(
    r"[?:]|(?<![\w'])(?:what|whats|what's|which|how|when|who|give|gives|show|tell|find|get|need|needs|want|wants|wanted"
    r"|like|please|pls|plz|calculate|compute|convert|check|verify|validate|make|list|draw|print|run|apply|build|solve"
    r"|count|add|take|work|determine|evaluate|express|write|decode|encode|hash|generate|render|display|test|fit|invert"
    r"|rotate|shift|split|plan|divide|compare|diff|extract|query|pull|read|sum|subtract|multiply|factor|expand|simplify"
    r"|integrate|differentiate|sort|turn|translate|put|flip|toggle|round|help|let|wonder|curious|interested|can|could"
    r"|would|looking|is|are|does|do|was|welche[rnms]?|wie|wieviele?|wann|gib|zeige?|nenne?|sage?|finde?|brauche?"
    r"|bräuchte|möchte|will|wollen|hätte|würde|bitte|berechne|rechne|bestimme|prüfe?|überprüfe?|validiere|mache?|liste"
    r"|zeichne|wende|baue?|löse?|zähle?|addiere|nimm|ermittle|werte|schreibe?|dekodiere|kodiere|codiere|erzeuge"
    r"|erstelle"
    r"|teste?|invertiere|rotiere|verschiebe|teile?|plane|vergleiche?|hole?|lies|summiere|bilde|stelle?|wandle|such"
    r"|suche|gesucht|interessiert|wissen|ist|sind|hat|ob|gern|gerne|ausrechnen|umrechnen|umwandeln|prüfen|anwenden"
    r"|zeichnen|darstellen|berechnen|bestimmen)(?!\w)",
)
_QUOTES = re.compile(r"[\"`„“«»{]")
_SPELT = re.compile(
    r"(?<!\w)(?:two|three|four|five|six|seven|eight|nine|twel|thirt|fift|twent|fort|hundred|thousand|zwei|drei"
    r"|vier|fünf"
    r"|sechs|sieben|acht|neun|zehn|zwölf|(?:ten|elf|half|halbe)(?!\w))|hundert|tausend|zig(?!\w)"
)
_OF_NUMBERS = frozenset({
    "unit_convert", "unit_calculate", "date_add", "business_days", "exact_probability", "gcd_lcm", "calculate",
    "prime_factorize", "decimal_finance", "base_convert", "roman_numeral", "bit_operations",
})  # fmt: skip
_CODE = re.compile(r"(?<![\w$.\])])[A-Za-z]+\.[a-z]\w*\(")  # `math.sqrt(16)`
_FEW_WORDS = 16
_WORD = re.compile(r"[^\W\d_]\S*")
_MOST_QUESTIONS = 2
_LABEL = re.compile(
    r"^(?:lab|task|exercise|problem|question|q|homework|aufgabe|übung|frage|sheet|no\.?|nr\.?) ?\d{1,3}[.:)] ",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r",? (?:wenn(?: es|'s)? (?:geht|möglich(?: ist)?)|if (?:possible|you can|that's ok)|or not|oder nicht)(?=\W*$)"
    r"| \((?:[^()\d]{0,30})(?:klasse|class|grade|lab|task|aufgabe) ?\d{1,2}\)(?=\W*$)",
    re.IGNORECASE,
)
# values in quotes that stand for themselves
_LISTED = re.compile(
    rf"[\"„“`']((?:(?:IBAN|ISBN|week|KW) )?[A-Z]{{0,2}}\d[\dA-Z.,;: -]*[\dX]|(?:week|KW) \d|(?:{NAMES}))[\"“”`']"
)


def call_among_words(plain: str) -> ToolCall | None:
    """The only call that any request reads; None if two requests read different ones."""
    if (len(plain) > LONGEST and length_outside(plain) > LONGEST) or not _VALUE.search(plain):
        return None
    if "." in plain and _CODE.search(plain):
        return None
    question = _LABEL.sub("", _COURTESY.sub("", plain.translate(_SIGNS)))
    forms = dict.fromkeys((question, _LISTED.sub(r"\1", question))) if _QUOTES.search(question) else (question,)
    call = next((call for form in forms if (call := _call_of(form)) is not None), None)
    call = call or _of_number_words(question)
    return call or next((call for form in forms if (call := _call_among_told(form)) is not None), None)


def asks_for_something_else(text: str) -> bool:
    """True if a text without its quotes has a word that changes every request."""
    return not _ALWAYS_OTHER.isdisjoint(text.lower().split())


def _call_among_told(question: str) -> ToolCall | None:
    """The call for the clauses that ask, if others only tell something."""
    marked = without_literals(question) if may_tell(question) else None
    if marked is None:
        return None
    text, literals = unicodedata.normalize("NFC", marked[0]), marked[1]
    told = telling_clauses(text)
    if not told or asks_for_something_else(without_clauses(text, told)):
        return None
    return _only_call(without_counts(text, told), literals, told)


def _of_number_words(question: str) -> ToolCall | None:
    """A number word may be the text itself: `md5 of seven`."""
    lowered = question.lower()
    if _SPELT.search(lowered) is None or _QUOTES.search(question):
        return None
    spoken = with_digits(lowered)
    call = None if spoken == lowered else _call_of(spoken)
    return call if call is not None and call.tool in _OF_NUMBERS else None


def _call_of(question: str) -> ToolCall | None:
    marked = without_literals(question)
    if marked is None:
        return None
    text = unicodedata.normalize("NFC", marked[0])
    return None if asks_for_something_else(text) else _only_call(text, marked[1], ())


def _only_call(text: str, literals: tuple[Literal, ...], told: tuple[Clause, ...]) -> ToolCall | None:
    lowered = text.lower()
    if len(lowered) != len(text):
        return None
    candidates = (REQUESTS[index] for index in _REQUESTS_BY_CUE.candidates(lowered))
    calls = [call for request in candidates if (call := request.call_of(text, literals, told)) is not None]
    is_one = bool(calls) and all(call == calls[0] for call in calls)
    return calls[0] if is_one and _may_ask(lowered) else None


def _may_ask(lowered: str) -> bool:
    """True if the text asks for something, or is too short for anything else."""
    return count_questions(lowered) <= _MOST_QUESTIONS and (
        _ASKS.search(lowered) is not None or MARK in lowered or len(_WORD.findall(lowered)) <= _FEW_WORDS
    )
