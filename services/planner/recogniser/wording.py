"""Questions in any order of words: every word must be a keyword of one subject, a typed value, or filler.

An `Intent` scans a question from left to right. An unknown word ends the scan, so that a question for something else, a
condition, a negation or a story never becomes a call. The result is rewritten to the one form that the rules of the
families match; they validate the values.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from services.planner.recogniser.filler import is_filler, is_left_open, tongue_of_filler
from services.planner.recogniser.literals import MARK, Literal
from services.planner.recogniser.numerals import GROUPED_IN_GERMAN, Tongue
from services.planner.recogniser.phrasing import MAX_CORE, UnwrappedQuestion

_GAP = r"(?:[\s,;:?]|(?<!\d)!)*"
_WORD = (
    r"(?P<word>(?i:work(?:ing)? out|(?:tell|give|show) us|(?:would|i'd|looks?) like|makes? up|how (?:many|much))(?!\w)"
    r"|[^\W\d_]+(?:['\u2019][^\W\d_]+)?|(?<=\w)['\u2019]s?(?!\w))"
)
_SIGN = r"(?P<sign>->|=>|→|[-=&/.>|']+(?!\w)|-(?!\d)|[()])"  # `-255` differs from 255
_SLOT = re.compile(r"<(\w+)>")
_TWO_READINGS = re.compile(r"\d[.,]\d")
_YES_OR_NO = frozenset({"is", "are", "does", "did", "has", "ist", "sind", "hat", "haben"})
_MEASURES = frozenset({"viel", "viele", "vielen", "groß", "hoch", "lautet", "lauten", "ist", "sind", "war"})
_PRONOUNS = [[verb, "das"] for verb in ("ist", "war", "sind", "wäre", "ergibt", "macht", "gibt")]  # `welche kw ist das`
_FORMULAS = frozenset({"formula", "equation"})
_NUMERIC = frozenset({"n", "list"})


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the question; `kind` is the name of a slot or of a meaning, or `word` or `sign`."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Wording:
    """A question of which every piece is known."""

    asked: UnwrappedQuestion
    tokens: tuple[Token, ...]
    tongue: Tongue

    def all(self, kind: str) -> tuple[Token, ...]:
        return tuple(token for token in self.tokens if token.kind == kind)

    def has(self, kind: str) -> bool:
        return any(token.kind == kind for token in self.tokens)

    def has_word(self, *words: str) -> bool:
        return any(token.text in words for token in self.tokens if token.kind in ("word", "sign"))

    def literal(self, token: Token) -> Literal | None:
        """The literal at the token; None if the token is not one."""
        return self.asked.literals[self.asked.core.count(MARK, 0, token.start)] if token.text == MARK else None


@dataclass(frozen=True, slots=True)
class Meaning:
    """A keyword in both languages, and the form that the rules match. Without a form it only supports others."""

    kind: str
    english: str
    german: str = r"(?!)"
    form: str = ""
    form_de: str = ""


@dataclass(frozen=True)
class Intent:
    """`cues` are pieces of text, of which a question has at least one; `extra` are words that count as filler here.

    `write` returns the form, with `<slot>` for each value in order; by default that of the only meaning with a form.
    """

    cues: tuple[str, ...]
    slots: Mapping[str, str]
    meanings: tuple[Meaning, ...]
    extra: frozenset[str] = frozenset()
    write: Callable[[Wording], str | None] | None = None
    longest: int = MAX_CORE
    yes_or_no: bool = False  # whether `is …` requests the tool's result

    def rewritten(self, asked: UnwrappedQuestion) -> UnwrappedQuestion | None:
        """The question in the form that the rules match; None if it is about something else."""
        if len(asked.core) > self.longest or not any(cue in asked.core for cue in self.cues):
            return None
        wording = self._read(asked)
        form = None if wording is None else (self.write or self._only_form)(wording)
        return None if wording is None or form is None else _filled(form, wording, frozenset(self.slots))

    @cached_property
    def _lexer(self) -> re.Pattern[str]:
        keywords = [
            f"(?P<{meaning.kind}__{language}>(?i:{pattern})(?!\\w))"
            for meaning in self.meanings
            for language, pattern in (("en", meaning.english), ("de", meaning.german))
        ]
        slots = [f"(?P<{kind}>{pattern})" for kind, pattern in self.slots.items()]
        return re.compile(rf"{_GAP}(?:{'|'.join([*keywords, *slots, _WORD, _SIGN])}|$)")

    def _read(self, asked: UnwrappedQuestion) -> Wording | None:
        tokens: list[Token] = []
        filler: set[Tongue] = set()
        named: set[Tongue] = set()
        place = 0
        while place < len(asked.written):
            found = self._lexer.match(asked.written, place)
            if found is None or found.end() == place:
                return None
            place = found.end()
            if found.lastgroup is None:
                break
            kind, _, language = found.lastgroup.partition("__")
            text = found[found.lastgroup].lower()
            if kind == "word" and not self._knows(text):
                return None
            if kind == "word":
                filler.add(tongue_of_filler(text))
            elif language:
                named.add("en" if language == "en" else "de")
            tokens.append(Token(kind, text, found.start(found.lastgroup)))
        wording = Wording(asked, tuple(tokens), _tongue(filler) or _tongue(named))
        return None if self._is_about_something_else(wording, named) else wording

    def _is_about_something_else(self, wording: Wording, named: set[Tongue]) -> bool:
        """True if the end is missing, a method is wanted (`wie löse ich`), or `die` is the English verb."""
        last = wording.tokens[-1] if wording.tokens else None
        is_open = last is not None and last.kind == "word" and is_left_open(last.text)
        is_pronoun = [token.text for token in wording.tokens[-2:]] in _PRONOUNS
        if (
            is_open and not is_pronoun and wording.tokens[0].text not in ("what", "which")
        ):  # `what week is 2021-01-03 in`
            return True
        first, second = [*(token.text for token in wording.tokens), "", ""][:2]
        if not self.yes_or_no and first in _YES_OR_NO and second not in ("you", "sie"):
            return True
        if any(pair in (("what", "if"), ("was", "wenn")) for pair in _pairs(wording)):
            return True
        if self.yes_or_no and _is_statement(wording, self.slots):
            return True
        german = [token.text for token in wording.all("word") if tongue_of_filler(token.text) == "de"]
        if "how" not in self.extra and ("ich" in german or "man" in german) and _is_how_to_question(wording):
            return True
        return bool(german) and set(german) == {"die"} and named == {"en"}

    def _knows(self, word: str) -> bool:
        return word in self.extra or is_filler(word) or word in ("'s", "\u2019s", "'")

    def _only_form(self, wording: Wording) -> str | None:
        kinds = {token.kind for token in wording.tokens}
        forms = [meaning for meaning in self.meanings if meaning.form and meaning.kind in kinds]
        if len({meaning.kind for meaning in forms}) != 1:
            return None
        return forms[0].form_de if wording.tongue == "de" and forms[0].form_de else forms[0].form


def _is_statement(wording: Wording, slots: Mapping[str, str]) -> bool:
    """True if a value is the subject of a sentence: `97 is prime`."""
    kinds = [token.kind for token in wording.tokens[:1]]
    second = [token.text for token in wording.tokens[1:2]]
    is_open = wording.has_word("or", "oder", "what", "which", "welche", "?")
    return bool(kinds) and kinds[0] in slots and second in (["is"], ["ist"], ["was"], ["war"]) and not is_open


def _is_how_to_question(wording: Wording) -> bool:
    return any(first == "wie" and second not in _MEASURES for first, second in _pairs(wording))


def _pairs(wording: Wording) -> Iterator[tuple[str, str]]:
    return pairwise(token.text for token in wording.tokens)


def _tongue(languages: set[Tongue]) -> Tongue:
    return next(iter(named)) if len(named := languages - {None}) == 1 else None


def _filled(form: str, wording: Wording, slots: frozenset[str]) -> UnwrappedQuestion | None:
    """The form with every value in its slot; None if one is left over, missing or has two readings."""
    values = {kind: list(wording.all(kind)) for kind in slots}
    core, written, literals = "", "", []
    for piece, kind in _pieces(form):
        core, written = core + piece, written + piece
        if not kind:
            continue
        if not values.get(kind):
            return None
        token = values[kind].pop(0)
        if wording.tongue is None and kind in _NUMERIC and _TWO_READINGS.search(token.text):
            return None
        if wording.tongue == "de" and kind in _FORMULAS and GROUPED_IN_GERMAN.search(token.text):
            return None
        core += token.text
        written += wording.asked.written[token.start : token.start + len(token.text)]
        literal = wording.literal(token)
        literals += [] if literal is None else [literal]
    return None if any(values.values()) else UnwrappedQuestion(core, written, tuple(literals), core)


def _pieces(form: str) -> Iterator[tuple[str, str]]:
    parts = _SLOT.split(form)
    yield from zip(parts[::2], [*parts[1::2], ""], strict=True)
