"""Clauses beside a request that restrict or redefine it, or ask for advice: a recognised call would miss them.

Such a clause has no value. It says of a thing of the question what it is (`the dice are loaded`, `a week has four
days`), picks a part of the values (`the first one is wrong`), moves a date, or asks for something else than the call
(`should I upgrade`, `is he a genius`).
"""

import re

from services.planner.recogniser.literals import MARK, without_literals
from services.planner.recogniser.telling import asks, clauses_of

_ANY_CASE = re.IGNORECASE
_PRESENT = (
    r"(?:is|are|has|have|does|do|matters?|starts?|begins?|means?|counts|count as|takes?|lasts?|consists?|works?|may"
    r"|can|must"
    r"|cannot|ist|sind|hat|haben|zählt|zählen|gilt|gelten|beginnt|fängt|dauert|bedeutet|spielt|spielen|steht|stehen"
    r"|geht"
    r"|gehen|darf|dürfen|kann|können|muss|müssen)"
)
_NOUN = (
    r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|miles?|numbers?|digits?|values?|readings?|figures?|words?"
    r"|letters?|characters?|strings?|alphabet|spaces?|hyphens?|dice|coins?|cards?|address|addresses|hash|order"
    r"|interest|payments?|tax|taxes|fee|fees|weekends?|holidays?|saturdays?|sundays?|mondays?|graph|edges?|matrix"
    r"|person"
    r"|job|schedule|[xyzn]"
    r"|sekunden?|minuten?|(?:schul)?stunden?|tage?|wochen?|monate?|jahre?|meilen?|zahlen?|ziffern?|werte?|wörter|wort"
    r"|buchstaben?|zeichen|leerzeichen|alphabet|würfel|münzen?|karten?|adressen?|reihenfolge|zinsen|steuern?|gebühr"
    r"|gebühren|wochenenden?|feiertage?|samstage?|sonntage?|montage?|graph|kanten?|matrix)"
)
_SAYS_WHAT_IT_IS = re.compile(
    rf"(?:^|\b(?:the|an?|our|my|each|every|one|der|die|das|den|eine?|unsere?|jede[rs]?) )(?:\w+ )?(?<!\w){_NOUN}"
    rf"(?: (?:of )?\w+)? {_PRESENT} \w",
    _ANY_CASE,
)
_RENAMES = re.compile(
    r"(?<!\w)(?:plus|minus|times|mal) (?:means?|stands? for|bedeutet|heißt)(?!\w)|(?<!\w)counts? \w+ as(?!\w)"
    r"|(?<!\w)(?:counts?|zählt|zählen) (?:twice|double|doppelt|zweimal|nicht)(?!\w)"
    r"|(?<!\w)(?:rounds?|rounded|rundet|runden|gerundet) (?:them|it|up|down|auf|ab)(?!\w)"
    r"|(?<!\w)(?:steps|every step|step by step|rhymes?|poems?|jeden schritt|schritte|rechenweg|reime?)(?!\w)"
    r"|(?<!\w)(?:minutes?|hours?|minuten?|stunden?) (?:slow|fast|late|early|behind|ahead|vor|nach|verspätet)(?!\w)",
    _ANY_CASE,
)
_PICKS = re.compile(
    r"(?<!\w)(?:the|der|die|das|den) (?:(?:very )?(?:first|second|last|worst|best|highest|lowest|largest|smallest"
    r"|other)"
    r"|erste[nr]?|zweite[nr]?|letzte[nr]?|schlechteste[nr]?|beste[nr]?|höchste[nr]?|niedrigste[nr]?|andere[nr]?)(?!\w)"
    r"|(?<!\w)(?:backwards?|rückwärts|duplicates?|outliers?|ausreißer|population|grundgesamtheit|messfehler|by mistake"
    r"|drops?|leaves out|streicht|line breaks?|newlines?|zeilenumbr\w+|leerzeichen)(?!\w)"
    r"|(?<!\w)(?:one|two|three|four|some|eine[rs]?|zwei|drei|vier|einige) (?:of (?:the|them|these)|von den"
    r"|davon)(?!\w)",
    _ANY_CASE,
)
_MOVES = re.compile(
    r"(?<!\w)(?<!vor )(?:\d{1,3}|an?|one|two|three|four|five|six|ten|few|eine?[mnr]?|zwei|drei|vier|fünf|sechs"
    r"|zehn) (?:minutes?|hours?"
    r"|days?|weeks?|months?|years?|minuten?|stunden?|tage?n?|wochen?|monate?n?|jahre?n?)(?!\w)"
    r"(?! (?:ago|old|alt))",
    _ANY_CASE,
)
_AT_A_TIME = frozenset({
    "day_of_week", "calendar_facts", "iso_week", "timezone_convert", "time_facts", "date_diff", "cron_next",
})  # fmt: skip
_ADVICE = re.compile(
    r"(?:should (?:an?|the|i|we|you|my|our|he|she)|soll(?:te|ten)? (?:ich|wir|man|er|sie)"
    r"|(?:is|was|does|did|can|has) (?:he|she)(?! (?:right|correct))|what (?:(?:should|shall|would) (?:i|we|you) do"
    r"|comes next|now|next|happens))\b"
    r"|what (?:does|do) (?:\w+ ){1,4}tell\b|is it \w+ to \w",
    _ANY_CASE,
)
_JUDGES = re.compile(r"(?:is|was|isn['\u2019]t|ist|wäre|war) (?:that|this|it|das|es|dies)(?: \w+){1,3}\?$", _ANY_CASE)
_YES_OR_NO = frozenset({
    "prime_factorize", "iban_check", "isbn_check", "ean_check", "luhn_check", "ip_facts", "structured_validate",
    "day_of_week", "calendar_facts", "graph_analyze", "semver_compare", "uuid_facts", "time_facts", "subnet_calc",
    "regex_extract", "text_diff", "chess_legal_moves", "hypothesis_test",
})  # fmt: skip
_DOUBTS = re.compile(r"(?:really|seriously|honestly|wirklich|echt|ernsthaft)\?$", _ANY_CASE)
_VALUE = re.compile(rf"[\d{MARK}]")


def is_restricted(question: str, tool: str) -> bool:
    """True if a clause beside the request may change the result of the tool."""
    marked = without_literals(" ".join(question.split()))
    if marked is None:
        return False
    clauses = clauses_of(marked[0])
    if len(clauses) < 2:
        return False
    asked = [clause for clause in clauses if asks(clause)]
    is_judged = len(asked) == 1 and tool not in _YES_OR_NO and _JUDGES.match(asked[0]) and not _VALUE.search(asked[0])
    return bool(is_judged) or any(
        _ADVICE.match(clause) or _DOUBTS.match(clause) or (not clause.endswith("?") and _restricts(clause, tool))
        for clause in clauses
    )


def _restricts(clause: str, tool: str) -> bool:
    if _RENAMES.search(clause) is not None:
        return True
    if asks(clause):
        return False
    if tool in _AT_A_TIME and _MOVES.search(clause) is not None:
        return True
    has_value = _VALUE.search(clause) is not None
    return not has_value and (_SAYS_WHAT_IT_IS.search(clause) is not None or _PICKS.search(clause) is not None)
