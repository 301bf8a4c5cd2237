"""Reads a request among words of any kind: the keywords of one operation, and exactly the values that it takes.

Unlike an `Intent`, which knows every word, a `Request` allows a few unknown words. None of them may change a request,
or belong to another subject; every number and every quoted text must be a value.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import is_filler, tongue_of_filler, words
from services.planner.recogniser.literals import MARK, Literal
from services.planner.recogniser.numerals import Tongue
from services.planner.recogniser.request_words import is_of_a_subject, may_change_a_request, names_a_subject
from services.planner.recogniser.requests.circumstances import EVENTS, THINGS
from services.planner.recogniser.requests.sense import (
    Piece,
    is_about_a_value,
    is_about_something_else,
    refers_to_a_value,
)
from services.planner.recogniser.telling import Clause

_OTHER = (
    r"(?P<WORD>(?i:how (?:many|much)|work(?:ing)? out|ipv[46]|1[03]-stellige[rns]?|1[03]-digit)(?!\w)"
    r"|[^\W\d_]+(?:['\u2019-][^\W\d_]+)*['\u2019]?(?!\w))"
    r"|(?P<SIGN>->|=>|→|<-|\.\.\.|[-\u2013\u2014=&/.,;:?!>|()'\"…\u2019])|\s+"
)
# pronouns and question words; `sense` excludes the questions about something else
KNOWN_WORDS = words(
    "when wann how he she him his should soll sollen sollte one other others s e i'm habe whether ob ours works"
    " out such take really truly dates those nun überhaupt wirklich tatsächlich damit darauf dazu takes took dauert"
    " dauerte gedauert today but aber sowie bzw like all every each alle sämtliche"
)
# a condition is a part of the request if it has nothing but values and words of its subject
_CONDITIONS = words("if wenn falls")
# a number that is not a value is one too many, in words as in digits
_SPELT_NUMBER = re.compile(
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand|zwei|drei|vier|fünf|sechs|sieben"
    r"|acht|neun|zehn|elf|zwölf|hundert|tausend)(?:teen|ty)?|(?:thir|fif|twen|for)(?:teen|ty)|\w*und\w*zig|half|halbe?"
)
_NUMBERS = "7 km, 8 days, 9 %, 10, 11 and 12"
_OF_DIGITS = re.compile(r"ipv[46]|1[03]-")
_GERMAN_ENDING = re.compile(r"[äöüß]|^(?:der|das|und|ist|von|mit|nach|für|auf|wie|was|ich|mir|bitte)$")


@dataclass(slots=True)
class Reading:
    """The values and the keywords of one question, in written order."""

    text: str
    literals: tuple[Literal, ...]
    values: dict[str, list[str]] = field(default_factory=dict)
    places: dict[str, list[int]] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)  # of all clauses, in written order
    sources: list[tuple[str, Clause | None]] = field(
        default_factory=list
    )  # of each: its name, the clause that tells it

    def has(self, key: str) -> bool:
        return key in self.keys

    def all(self, kind: str) -> list[str]:
        return self.values.get(kind, [])

    def only(self, kind: str) -> str:
        """The value if there is one of its kind, else nothing."""
        found = self.all(kind)
        return found[0] if len(found) == 1 else ""

    def one_of(self, *keys: str) -> str:
        """The only keyword of these that the question has, else nothing."""
        found = [key for key in keys if key in self.keys]
        return found[0] if len(found) == 1 else ""

    def before(self, kind: str, place: int = 0) -> str:
        """The text before a value, in lower case."""
        return self.text[: self.places[kind][place]].lower()

    @property
    def tongue(self) -> Tongue:
        found = {tongue_of_filler(word) for word in self.words} - {None}
        if len(found) == 1:
            return found.pop()
        return "de" if any(_GERMAN_ENDING.search(word) for word in self.words) else "en" if found else None


def may_be_two_numbers(reading: Reading, value: str) -> bool:
    """True for `1.500` in a question that may be English or German."""
    return reading.tongue is None and _TWO_READINGS.search(value) is not None


_TWO_READINGS = re.compile(r"\d[.,]\d{3}(?!\d)")
Build = Callable[[Reading], ToolCall | None]


@dataclass(frozen=True)
class Request:
    """`cues` are pieces of text, of which a question has at least one; `most_unknown` is the number of other words.

    `values` and `keys` map a name to its pattern; the keys are tried first, without regard to case.
    """

    cues: tuple[str, ...]
    values: Mapping[str, str]
    keys: Mapping[str, str]
    build: Build
    own: frozenset[str] = frozenset()
    most_unknown: int = 4
    yes_or_no: bool = False  # whether `is …` requests the tool's result

    def call_of(self, text: str, literals: tuple[Literal, ...], told: tuple[Clause, ...] = ()) -> ToolCall | None:
        """The call for a question, whose quoted texts are `literals`; any words may occur in the clauses `told`."""
        reading = self._read(text, literals, told)
        if reading is None:
            return None
        if told:
            return self._call_among(reading, told)
        return None if is_about_something_else(reading.pieces, yes_or_no=self.yes_or_no) else self.build(reading)

    def _call_among(self, reading: Reading, told: tuple[Clause, ...]) -> ToolCall | None:
        """The call for what the other clauses ask. If they have no keyword, they ask about a clause that has one."""
        marked = tuple(zip(reading.pieces, reading.sources, strict=True))
        named = [clause for (kind, _), (_, clause) in marked if kind == "k"]
        asked = [piece for piece, (_, clause) in marked if clause is None]
        if None not in named and not is_about_a_value(asked):
            others = tuple(clause for clause in told if clause not in named)
            return self.call_of(reading.text, reading.literals, others) if named and others else None
        whole = _without_repeated(reading)
        is_told = sum(map(len, whole.values.values())) > sum(kind == "v" for kind, _ in asked)
        if (
            is_about_something_else(asked, yes_or_no=self.yes_or_no)
            or (is_told and not refers_to_a_value(asked))
            or any(clause is not None and clause.negates for clause in named)
        ):
            return None
        found = {repr(call): call for call in map(self.build, (whole, _of_asked(whole))) if call is not None}
        return next(iter(found.values())) if len(found) == 1 else None

    @cached_property
    def _takes_numbers(self) -> bool:
        return any(re.search(pattern, _NUMBERS) for pattern in self.values.values())

    @cached_property
    def _lexer(self) -> re.Pattern[str]:
        keys = [rf"(?P<k_{name}>(?<!\w)(?i:{pattern})(?!\w))" for name, pattern in self.keys.items()]
        values = [f"(?P<v_{name}>{pattern})" for name, pattern in self.values.items()]
        return re.compile("|".join([*keys, *values, _OTHER]))

    def _read(self, text: str, literals: tuple[Literal, ...], told: tuple[Clause, ...]) -> Reading | None:
        reading = Reading(text, literals)
        place = marks = 0
        while place < len(text):
            if text[place] == "!" and text[place - 1 : place].isdigit():
                return None  # a factorial
            found = self._lexer.match(text, place)
            if found is None or found.end() == place:
                return None
            place, kind = found.end(), found.lastgroup or ""
            clause = next((part for part in told if part.start <= found.start() < part.end), None) if told else None
            if not self._take(reading, kind, found.group(), marks, clause):
                return None
            if told:
                reading.sources += [(kind[2:], clause)] * (len(reading.pieces) - len(reading.sources))
            if kind.startswith("v_"):
                reading.places.setdefault(kind[2:], []).append(found.start())
            marks += found.group().count(MARK)
        return reading

    def _take(self, reading: Reading, kind: str, piece: str, marks: int, clause: Clause | None) -> bool:
        """Record one piece; False if the question is about something else."""
        name = kind[2:]
        if kind.startswith("k_"):
            reading.keys.append(name)
        elif kind.startswith("v_"):
            reading.values.setdefault(name, []).append(_restored(piece, reading.literals[marks:]))
        elif kind == "WORD":
            word = piece.lower()
            return self._take_word(reading, word) if clause is None else self._take_told_word(reading, word)
        if kind:
            reading.pieces.append((kind[0], piece.lower()))
        return True

    def _take_word(self, reading: Reading, word: str) -> bool:
        bare = word.removesuffix("'s").removesuffix("\u2019s").rstrip("'\u2019")
        reading.words.append(word)
        if word in _CONDITIONS and word not in self.own:
            reading.pieces.append(("i", word))
            return True
        is_known = word in self.own or bare in self.own or word in KNOWN_WORDS or _OF_DIGITS.match(word) is not None
        if not is_known and (may_change_a_request(bare) or may_change_a_request(word)):
            return False
        is_known = is_known or is_filler(word) or is_filler(bare)
        kind = "f" if is_known else "t" if bare in THINGS else "e" if bare in EVENTS else "u"
        if kind == "u" and (is_of_a_subject(bare) or _SPELT_NUMBER.fullmatch(word)):
            return False
        reading.pieces.append((kind, word))
        return sum(kind == "u" for kind, _ in reading.pieces) <= self.most_unknown

    def _take_told_word(self, reading: Reading, word: str) -> bool:
        """Any word but a number, or one of a subject, which may be a rule for the answer."""
        bare = word.removesuffix("'s").removesuffix("\u2019s").rstrip("'\u2019")
        reading.words.append(word)
        reading.pieces.append(("f", word))
        is_known = word in self.own or bare in self.own or word in KNOWN_WORDS or is_filler(word) or is_filler(bare)
        if is_known or bare in THINGS or bare in EVENTS:
            return True
        return not (self._takes_numbers and (names_a_subject(bare) or _SPELT_NUMBER.fullmatch(word)))


def _of_asked(reading: Reading) -> Reading:
    """The reading with the keywords and words of the clauses that ask; `other` refuses a request wherever it is."""
    marked = tuple(zip(reading.pieces, reading.sources, strict=True))
    keys = [name for (kind, _), (name, clause) in marked if kind == "k" and (clause is None or name == "other")]
    pieces = [("f" if kind == "k" and clause else kind, text) for (kind, text), (_, clause) in marked]
    said = [text for (kind, text), (_, clause) in marked if kind not in "kvS" and clause is None]
    return replace(reading, keys=keys, pieces=pieces, words=said)


def _without_repeated(reading: Reading) -> Reading:
    """The reading without the values of clauses that tell, if those that ask have the same ones."""
    values: dict[str, list[str]] = {}
    places: dict[str, list[int]] = {}
    marked = tuple(zip(reading.pieces, reading.sources, strict=True))
    asked = {(name, text) for (kind, text), (name, clause) in marked if kind == "v" and clause is None}
    seen: dict[str, int] = {}
    for (kind, text), (name, clause) in marked:
        if kind != "v":
            continue
        place = seen.get(name, 0)
        seen[name] = place + 1
        if clause is None or (name, text) not in asked:
            values.setdefault(name, []).append(reading.values[name][place])
            places.setdefault(name, []).append(reading.places[name][place])
    return replace(reading, values=values, places=places)


def _restored(piece: str, literals: tuple[Literal, ...]) -> str:
    """A value with its quoted texts; without the quotes if it is nothing else."""
    for literal in literals[: piece.count(MARK)]:
        piece = literal.text if piece == MARK else piece.replace(MARK, literal.raw, 1)
    return piece
