"""Rules over a whole question: a pattern in one language, and the function that builds the call."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.literals import MARK, Literal
from services.planner.recogniser.numerals import Tongue
from services.planner.recogniser.phrasing import MAX_CORE, UnwrappedQuestion

LEAD_EN = (
    r"(?:(?:what is|what's|whats|what are|what was|what will be|calculate|compute|find|determine|work out|get|show me"
    r"|show|list|generate|create|count) )?(?:the |all the |all )?"
)
LEAD_DE = (
    r"(?:(?:was ist|was sind|was war|wie lautet|wie lauten|wie groß ist|wie hoch ist|wie viel ist|berechne|bestimme"
    r"|ermittle|finde|nenne|zeige?|bilde|erzeuge|erstelle|liste|rechne|zähle) )?(?:der |die |das |den |dem |alle )?"
)
NUMBER = r"-?\d+(?:[.,]\d+)*"
WHOLE = r"\d+(?:[.,]\d{3})*"


@dataclass(frozen=True, slots=True)
class Found:
    """The match of a rule. A group that took no part is empty."""

    match: re.Match[str]
    asked: UnwrappedQuestion
    tongue: Tongue

    def __getitem__(self, name: str) -> str:
        return self.match[name] or "" if name in self.match.re.groupindex else ""

    def written(self, name: str) -> str:
        """A group as written, without quotes if all of it is quoted."""
        if literal := self.literal(name):
            return literal.text
        start, end = self.match.span(name)
        pieces = self.asked.written[max(start, 0) : max(end, 0)].split(MARK)
        first = self.asked.core.count(MARK, 0, max(start, 0))
        inside = [literal.raw for literal in self.asked.literals[first : first + len(pieces) - 1]]
        return "".join(piece for pair in zip(pieces, [*inside, ""], strict=True) for piece in pair)

    def literal(self, name: str) -> Literal | None:
        """The literal that a group consists of; None for any other text, and for a group that took no part."""
        if self[name] != MARK:
            return None
        return self.asked.literals[self.asked.core.count(MARK, 0, self.match.start(name))]


Build = Callable[[Found], ToolCall | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern that must match the whole core. `build` returns None if the match makes no sense."""

    pattern: re.Pattern[str]
    tongue: Tongue
    build: Build


@dataclass(frozen=True, slots=True)
class Family:
    """Rules about one subject; every matching question contains at least one of the `cues`."""

    cues: tuple[str, ...]
    rules: tuple[Rule, ...]
    longest: int = MAX_CORE

    def recognise(self, asked: UnwrappedQuestion) -> ToolCall | None:
        """The call of the first rule that matches."""
        if len(asked.core) > self.longest or not any(cue in asked.core for cue in self.cues):
            return None
        for rule in self.rules:
            found = rule.pattern.fullmatch(asked.core)
            call = None if found is None else rule.build(Found(found, asked, rule.tongue))
            if call is not None:
                return call
        return None


def rules(tongue: Tongue, build: Build, *patterns: str) -> tuple[Rule, ...]:
    return tuple(Rule(re.compile(pattern), tongue, build) for pattern in patterns)


def conversions_en(source: str, target: str) -> tuple[str, ...]:
    """English requests to convert `source` to `target`, with and without words."""
    return (*requests_en(source, target), bare_conversion(source, target))


def conversions_de(source: str, target: str) -> tuple[str, ...]:
    """German requests to convert `source` to `target`, with and without words."""
    return (*requests_de(source, target), bare_conversion(source, target))


def requests_en(source: str, target: str) -> tuple[str, ...]:
    """The conversions that contain an English word."""
    return (
        rf"(?:convert|change|turn|express|write) {source} (?:to|into|in|as) {target}",
        rf"(?:what is|what's|whats|what are|how much is|how much are|what would be) {source} (?:in|as) {target}",
        rf"how is {source} (?:written|expressed) (?:in|as) {target}",
        rf"{source} (?:to|into|as) {target}",
        rf"{source} (?:written|expressed|converted|represented) (?:to|into|in|as) {target}",
    )


def requests_de(source: str, target: str) -> tuple[str, ...]:
    """The conversions that contain a German word."""
    request = rf"(?:wandle|wandele|rechne|konvertiere|schreibe?) {source} (?:in|ins|im|nach|zu|als|auf) {target}"
    return (
        *(f"{request}{end}" for end in (" um", "")),
        rf"(?:(?:was|wie ?viel) (?:ist|sind|wären|macht)|wie lautet|wie lauten) {source} (?:in|im|als) {target}",
        rf"{source} (?:im|als) {target}",
    )


def bare_conversion(source: str, target: str) -> str:
    """`5 km in m`, which is English and German."""
    return rf"{source} in {target}"


def quoted(name: str) -> str:
    return f"(?P<{name}>{MARK})"
