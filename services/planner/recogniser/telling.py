"""Finds the clauses of a question that only tell something: who asks, where, why, and what somebody thinks.

A clause tells if it is a statement: it has a subject and a finite verb, and neither asks, wishes, addresses the reader,
nor states a condition or a rule for the answer. Every other clause asks. After a clause that asks, the rest of its
sentence asks as well, since it may narrow the request, unless it is a statement of a person.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from services.planner.recogniser.literals import MARK, without_literals

_ANY_CASE = re.IGNORECASE
_MONTH = r"(?:jan|feb|mär|mar|apr|mai|may|jun|jul|aug|sep|okt|oct|nov|dez|dec)"
_PERSON = (
    r"(?:i|i['\u2019](?:m|ve|d|ll)|we|we['\u2019](?:re|ve|d|ll)|he|he['\u2019]s|she|she['\u2019]s|they"
    r"|they['\u2019](?:re|ve)|it|it['\u2019]s|there"
    r"|ich|wir|er|sie|es|man|somebody|someone|everybody|everyone|nobody|no one|jemand|niemand|keiner)(?![\w'\u2019])"
)
_OWNER = r"(?:my|our|his|her|their|mein\w*|unser\w*|sein\w*|ihre?[mnrs]?)(?!\w)"
_LINK = (
    r"(?:(?:and|but|so|also|because|since|as|while|although|though|now|und|aber|also|denn|weil|da|obwohl|doch|dass|that"
    r"|hey|hi|hello|hallo|moin|ok|okay|well|na|naja)[ ,]+)*"
)
_ASKING_WORD = (
    r"(?:what|which|how|when|who|whose|where|why|was|wie|wieviele?|welche[rsnm]?|wann|wer|wo|warum|can|could|would"
    r"|please|pls|is|are|does|do|ist|sind|hat|kann|kannst|könnten?|könntest|bitte|stimmt)"
)
_NEED = (
    r"(?:(?:i|we) (?:need|want|have to|must|would like|(?:am|are) supposed to)|(?:i['\u2019]m"
    r"|we['\u2019]re) supposed to"
    r"|i['\u2019]d like"
    r"|(?:brauch(?:e|en)|bräuchten?|möchten?|suchen?|benötigen?|hätten?|sollen?|müssen|muss) (?:ich|wir))"
)
_STRONG = re.compile(rf"(?:[.?!…]+[)\"”“]?(?= )(?<!\bdr\.)(?<!\bnr\.)(?<!\bno\.)(?!(?<=\d\.) {_MONTH})|\n)", _ANY_CASE)
_WEAK = re.compile(
    rf"(?:[,;:](?= )|(?<=[^\W\d_]{{2}}) [-\u2013\u2014]{{1,2}}(?= [^\W\d_]{{2}})| [\u2013\u2014](?= )"
    rf"| (?=(?:and|but|so|und|aber|also) (?:{_PERSON}|{_OWNER}|{_ASKING_WORD}"
    r"|the|der|die|das|nobody|niemand|it)\b)"
    rf"| (?={_NEED})"
    r"| (?=(?:and|but|so|und|aber) (?:needs?|wants?|would like|brauchen?|bräuchten?|möchten?|suchen?|will|wollen)\b)"
    r"| (?=to (?:see|check|know|find out|settle|make sure|decide) (?:when|if|whether|how|that|what|who|it|an?|the"
    r"|my)\b))",
    _ANY_CASE,
)
_ASKS = re.compile(
    rf"^{_LINK}(?:(?:in|on|at|to|by|for|from|of|auf|an|in|um|zu|bei|aus|mit|für|von) )?{_ASKING_WORD}\b"
    r"|\b(?:what|which|how|who|whose|where|why|whether|wie|welche[rsnm]?|wieso|warum|wer|wann|wo|wozu|ob)\b"
    r"|\b(?:needs?|wants?|wish|wishes|would like|wonder|wondering|curious|interested|help me|please|pls|looking for"
    r"|find"
    r"|calculate|compute|determine|convert|work out|solve|verify|check|simplify|evaluate|integrate|differentiate"
    r"|angeben|bestimmen|berechnen|ausrechnen|umrechnen|zerlegen|ermitteln|prüfen|lösen|ableiten|vereinfachen"
    r"|let me|tell me|give me|brauchen?|braucht|bräuchten?|möchten?|wünsche|will|wollen|wüsste|gesucht|suchen?|hilf"
    r"|bitte|wissen|verrate|zeige?|sage?|gib|ask(?:ed|s)? (?:if|for|to)|fragte? (?:ob|nach))\b",
    _ANY_CASE,
)
# the reader, a condition, a rule, or a word about the form of the answer
_BINDS = re.compile(
    r"\b(?:you|your|yours|du|dir|dich|dein\w*|euch|ihnen|if|unless|suppos\w*|assum\w*|imagin\w*|pretend\w*|wenn|falls"
    r"|sofern|angenommen|when|once|until|instead|except|exclud\w*|includ\w*|inclusive|exclusive|ignor\w*|rather"
    r"|skip\w*|only|statt\w*|außer|inklusive|einschließlich|mitgerechnet|nur|sobald|solange|would|could|should|shall"
    r"|must|may|might|wäre\w*|würde\w*|könnte\w*|sollt?e?n?|muss|müssen|darf|dürfen|always|immer|jeweils|each|jeder?"
    r"|means?|bedeute\w*|counts?|counted|zähl\w*|heißt|rounds?|rounded|rundet|runden|gerundet|explain\w*|erklär\w*"
    r"|translat\w*|übersetz\w*|rhym\w*|reim\w*|poem|poems|gedicht\w*|haiku|steps|step by step|schritte|schrittweise"
    r"|french|spanish|italian|english|german|französisch|englisch|deutsch"
    r"|plus|minus|wrong|false|falsch\w*|later|earlier|später|früher|verschob\w*|postponed|moved)\b"
    r"|n['\u2019]t (?:want|need)\b",
    _ANY_CASE,
)
# what is not known, who somebody is, and what a device does
_HARMLESS = re.compile(
    r"\b(?:(?:do|does|did|can|could)(?:n['\u2019]t| not) (?:know|say|remember|tell|understand|see)|no (?:idea|clue)"
    r"|forgot"
    r"|weiß nicht(?: mehr)?,?|keine ahnung,?|vergessen,?) (?:me )?(?:why|how|what|where|when|who|which|wie|was|wo|wer"
    r"|warum|welche\w*)\b"
    r"|\b(?:someone|somebody|people|(?:an?|the|my|our|his|her) (?:\w+ )?\w+) who\b"
    r"|\bonly (?:sends|talks|speaks|knows|takes|shows|uses|has|accepts|understands|gives|reads|prints|works|gets"
    r"|got)\b",
    _ANY_CASE,
)
_OWN_DUTY = re.compile(r"\b(?:i|we|ich|wir) (?:must|should|may|could|muss|müssen|darf|dürfen|soll|sollen)\b", _ANY_CASE)
_STATES = re.compile(rf"^{_LINK}(?:{_PERSON})", _ANY_CASE)
_VERB = (
    r"(?:is|are|was|were|has|have|had|does|did|\w{2,}ed|gave|gives|sent|sends|told|tells|says?|said|came|comes|went"
    r"|goes|got|gets|made|makes|took|takes|runs?|ran|shows?|stands?|stood|knows?|thinks?|thought|keeps?|kept|left|broke"
    r"|found|wrote|writes|reads?|put|lost|hates|loves|likes|plays|lives|works?|claims|insists|swears|hangs|starts|ends"
    r"|began|sits|costs?|pins|complains|refuses|rejects|returns|prints|reports|maintains|believes|held|holds|bought"
    r"|sold"
    r"|ist|sind|war|waren|hat|haben|hatten?|wird|werden|wurden?|kam|kommt|ging|geht|gab|gibt|lag|liegt|stand|steht"
    r"|stehen|ließ|schrieb|rief|fand|nahm|sprach|zog|flog|fiel|fuhr|blieb|fing|hält|läuft|fährt|trägt|schläft"
    r"|(?!nicht|jetzt|fast|erst|selbst|bereits|heute|leicht|recht|überhaupt|sonst)[a-zäöüß]{3,}(?:t|te|ten))"
)
_HAS_VERB = re.compile(rf"(?<=[\w\ue000)] ){_VERB}(?!\w)")
_SUBJECT = re.compile(
    rf"^{_LINK}(?:{_OWNER}|(?:the|an?|one|some|this|that|these|those|der|die|das|dem|den|eine?[mnrs]?|diese[mnrs]?"
    r"|in|on|at|for|from|with|after|during|by|yesterday|today|last|two|three|im|ins|am|an|auf|für|vom|von|beim|bei"
    r"|nach|aus|laut|zum|zur|seit|gestern|heute|letzte\w*|mit)(?!\w)|(?-i:[A-ZÄÖÜ]\w+(?:['\u2019-]\w+)*) )",
    _ANY_CASE,
)
_PURPOSE = re.compile(r"^(?:for|für|zum|zur) [^\d\ue000]+$", _ANY_CASE)
_AFTERWARDS = re.compile(
    r"^(?:to (?:see|check|know|find out|settle|make sure|decide)|just to be sure|for my|for our|für meine?n?"
    r"|für unsere?n?)\b",
    _ANY_CASE,
)
_ONLY_RESULT = re.compile(
    r"(?:(?:and|so|und|also) )?(?:what(?: does| do| would| will|['\u2019]s| is)? (?:it|that|this|i|we|you|the result"
    r"|the answer)"
    r"(?: be| come to| get| give| make| come out to)?|how much (?:is|would|will) (?:that|it|this)(?: be)?"
    r"|what comes out(?: of it)?|(?:any idea|can (?:you|anyone|somebody) help(?: me)?|could you help(?: me)?)"
    r"|was (?:kommt|käme) (?:da|dabei|dann)? ?(?:he)?raus|was (?:ist|wäre|ergibt|macht|gibt) (?:das|es|sie"
    r"|er)(?: dann)?"
    r"|wie (?:groß|viel|hoch) (?:ist|wäre|wird) (?:das|es|sie|er)(?: dann| denn)?|(?:kannst|könntest) du(?: mir)?"
    r" (?:da|dabei )?helfen|was (?:bekomme|kriege) ich(?: dann)?(?: raus| heraus)?)\??",
    _ANY_CASE,
)
_ACTIVITY = re.compile(
    rf"^{_LINK}(?:writing|setting|working (?:on|through)|doing|studying|reading|revising|preparing|planning|learning"
    r"|checking|debugging|cleaning|filling|building|fixing|testing|stuck|bought|found|got|received|saw)\b",
    _ANY_CASE,
)
_NEGATES = re.compile(
    r"\b(?:not|no|never|nobody|none|without|nicht|kein\w*|nie|niemals|niemand|ohne)\b|n['\u2019]t\b", _ANY_CASE
)
_GOES_ON = re.compile(
    r"(?:and|but|und|aber) (?:is|are|was|does|has|ist|sind|war|hat)\b"
    r"|(?:which|who) (?:still |also |really )?(?:(?:is|was|has|had|\w+ed)\b|\w+s (?=(?:me|us|him|her|them|my|our|the"
    r"|a|it)\b))",
    _ANY_CASE,
)
# numbers of pages, rooms and attempts
_COUNTS = re.compile(
    r"(?<!\w)(?:(?:page|p\.|room|chapter|exercise|sheet|question|task|problem|class|grade|gate|platform|seite|zimmer"
    r"|raum"
    r"|kapitel|aufgabe|übung|übungsblatt|blatt|frage|klasse|gleis) (?:(?:no\.|nr\.) )?\d{1,4}(?![\w.,:/^*+-]*\w)"
    r"|\d{1,3} (?:times|attempts|tries|mal|versuche\w*)(?! \d)(?!\w))",
    _ANY_CASE,
)
_VALUE = re.compile(rf"[\d{MARK}]|[MDCLXVI]{{2}}|[=^/]")
_LEADING = re.compile(r"^(?:so|and|but|und|aber|also)[ ,]+", _ANY_CASE)
_DIGIT = re.compile(r"\d")
_BETWEEN = (
    ". ", ", ", "? ", "! ", "; ", ": ", "… ", " - ",
    " \u2013 ", " \u2014 ", " and ", " but ", " so ", " und ", " aber ", " also ",
    " to see ", " to check ", " to know ", " to find ",
)  # fmt: skip
_PURPOSES = ("For ", "Für ", "Zum ", "Zur ", "for ", "für ", "zum ", "zur ")
_EDGES = " ,;:-\u2013\u2014"
_LONG_ENOUGH = 40
_FEWEST = 2
Role = Literal["asks", "tells", "result"]


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a question that only tells something."""

    start: int
    end: int
    negates: bool


@lru_cache(maxsize=4)  # several attempts read the same text
def telling_clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of the text that only tell something; none of them if no clause asks."""
    sentences = _sentences(text) if may_tell(text) else []
    if sum(map(len, sentences)) < _FEWEST:
        return ()
    parts = [part for sentence in sentences for part in _parts_of(text, sentence)]
    asked = [clause for role, clause in parts if role == "asks"]
    if any(_precedes_a_text(text, clause, asked[0]) for clause in asked):
        return ()
    if not any(role != "tells" for role, _ in parts):
        return ()
    return tuple(clause for role, clause in parts if role == "tells" or (role == "result" and asked))


def _parts_of(text: str, sentence: list[tuple[int, int]]) -> list[tuple[Role, Clause]]:
    """The clauses of a sentence, and what each of them does."""
    is_open = text[: sentence[-1][1]].rstrip().endswith("?")
    found: list[tuple[Role, Clause]] = []
    has_asked = tells = False
    for first, last in sentence:
        clause = text[first:last].strip(_EDGES)
        tells = _tells(clause, after_request=has_asked, goes_on=tells, is_open=is_open)
        role: Role = "tells" if tells else "result" if _ONLY_RESULT.fullmatch(clause) else "asks"
        has_asked = has_asked or role == "asks"
        found.append((role, Clause(first, last, role == "tells" and _NEGATES.search(clause) is not None)))
    return found


def _precedes_a_text(text: str, clause: Clause, first: Clause) -> bool:
    """True for a request that ends in a colon: what follows is its text."""
    if text[clause.end - 1] != ":" or clause.end == len(text):
        return False
    return clause is not first or asks(text[clause.start : clause.end].strip(_EDGES))


def _sentences(text: str) -> list[list[tuple[int, int]]]:
    return [_split(text, _WEAK, start, end) for start, end in _split(text, _STRONG, 0, len(text))]


def _split(text: str, boundary: re.Pattern[str], start: int, end: int) -> list[tuple[int, int]]:
    places = [start, *(found.end() for found in boundary.finditer(text, start, end)), end]
    return [(first, last) for first, last in pairwise(places) if text[first:last].strip(_EDGES)]


def may_tell(text: str) -> bool:
    """True if the text may have several clauses."""
    return len(text) >= _LONG_ENOUGH and (text.startswith(_PURPOSES) or any(sign in text for sign in _BETWEEN))


def _tells(clause: str, *, after_request: bool, goes_on: bool, is_open: bool) -> bool:
    if goes_on and not is_open and (verb := _GOES_ON.match(clause)):
        clause = clause[verb.end() :]
    if after_request and _AFTERWARDS.match(clause):
        return True
    if not _is_statement(clause, after_request=after_request, goes_on=goes_on) or clause.endswith("?"):
        return False
    plain = _HARMLESS.sub("", clause)
    return not (_ASKS.search(plain) or _BINDS.search(_OWN_DUTY.sub("", plain)))


def _is_statement(clause: str, *, after_request: bool, goes_on: bool) -> bool:
    if _STATES.match(clause):
        return True
    if after_request:
        return False
    if goes_on or _ACTIVITY.match(clause) or _PURPOSE.match(clause):
        return True
    return _SUBJECT.match(clause) is not None and _HAS_VERB.search(clause) is not None


def clauses_of(text: str) -> list[str]:
    """All clauses of the text, without the signs between them."""
    parts = (part for sentence in _sentences(text) for part in sentence)
    return [clause for start, end in parts if (clause := text[start:end].strip(_EDGES))]


def asks(clause: str) -> bool:
    return clause.endswith("?") or _ASKS.search(_HARMLESS.sub("", clause)) is not None


def without_telling(text: str) -> str:
    """The text without the clauses that tell something but no value."""
    if not may_tell(text) or (marked := without_literals(text)) is None:
        return text
    left, literals = marked
    idle = tuple(clause for clause in telling_clauses(left) if _VALUE.search(left, clause.start, clause.end) is None)
    if not idle:
        return text
    left = without_clauses(left, idle)
    for literal in literals:
        left = left.replace(MARK, literal.raw, 1)
    return _LEADING.sub("", left.strip(_EDGES))


def without_clauses(text: str, clauses: tuple[Clause, ...]) -> str:
    for clause in reversed(clauses):
        text = f"{text[: clause.start].rstrip()} {text[clause.end :].lstrip()}"
    return text


def without_counts(text: str, told: tuple[Clause, ...]) -> str:
    """The text with letters for the numbers of pages, rooms and attempts in the clauses that tell; of equal length."""
    for clause in told:
        part = _COUNTS.sub(lambda found: _DIGIT.sub("x", found.group()), text[clause.start : clause.end])
        text = f"{text[: clause.start]}{part}{text[clause.end :]}"
    return text
