"""`regex_extract`: matches of a pattern in a text, with positions and groups."""

from itertools import islice

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.text.patterns import (
    ENGINE,
    MAX_PATTERN_CHARS,
    MAX_STEPS,
    Match,
    Pattern,
    check_work,
    compiled,
    matches,
)

MAX_CHARS = 50_000
MAX_MATCHES = 20
_MAX_FLAGS = 10
_FLAGS = "ims"
_IMPLIED = "gu"  # all matches are found and text is Unicode in any case
_SHOWN_CHARS = 60


class RegexArguments(ToolModel):
    """A pattern in RE2's syntax and the text to look through."""

    pattern: str = Field(min_length=1, max_length=MAX_PATTERN_CHARS)
    text: str = Field(max_length=MAX_CHARS)
    flags: str = Field("", max_length=_MAX_FLAGS, description="i: any case, m: ^ and $ at lines, s: . takes newlines")


class FoundGroup(ToolModel):
    """A group of a match; null where it took no part."""

    number: int
    name: str | None
    text: str | None
    start: int | None
    end: int | None


class FoundMatch(ToolModel):
    """A match and where it is: characters from 0, the end is exclusive."""

    text: str
    start: int
    end: int
    groups: tuple[FoundGroup, ...]


class RegexResult(ToolModel):
    """The first matches, from left to right, not overlapping; an empty one moves the search on by a character."""

    matches: tuple[FoundMatch, ...]
    count: int
    more: bool = Field(description=f"Whether there are more than the {MAX_MATCHES} that are shown")
    flags: str
    engine: str = ENGINE


def regex_extract(arguments: RegexArguments) -> RegexResult:
    """Raises ToolError for a pattern that RE2 rejects, or for too much work."""
    flags = _flags(arguments.flags)
    pattern = compiled(arguments.pattern, flags)
    check_work(pattern, len(arguments.text))
    found = list(islice(matches(pattern, arguments.text), MAX_MATCHES + 1))
    shown = tuple(_described(match, pattern) for match in found[:MAX_MATCHES])
    return RegexResult(matches=shown, count=len(shown), more=len(found) > MAX_MATCHES, flags=flags)


def _flags(text: str) -> str:
    letters = set(text.lower()) - set(", |+")
    if letters - set(_FLAGS + _IMPLIED):
        raise ToolError("invalid_argument", "flags: letters of i (any case), m (lines), s (dot takes newlines)")
    return "".join(letter for letter in _FLAGS if letter in letters)


def _described(match: Match, pattern: Pattern) -> FoundMatch:
    start, end = match.span()
    names = {number: name for name, number in pattern.groupindex.items()}
    groups = tuple(_group(match, number, names.get(number)) for number in range(1, pattern.groups + 1))
    return FoundMatch(text=match.group() or "", start=start, end=end, groups=groups)


def _group(match: Match, number: int, name: str | None) -> FoundGroup:
    start, end = match.span(number)
    if start < 0:
        return FoundGroup(number=number, name=name, text=None, start=None, end=None)
    return FoundGroup(number=number, name=name, text=match.group(number), start=start, end=end)


def phrase(result: RegexResult, style: AnswerStyle) -> str:
    """Number of matches, and the matched texts."""
    german = style.language == "de"
    if not result.matches:
        return "Das Muster findet nichts." if german else "The pattern finds nothing."
    count = f"{result.count}{'+' if result.more else ''}"
    noun = "Treffer" if german else "match" if count == "1" else "matches"
    listed = ", ".join(f"'{_shortened(match.text)}' ({match.start})" for match in result.matches)
    return f"{count} {noun}: {listed}."


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"


REGEX_EXTRACT = Tool(
    name="regex_extract",
    description=Bilingual(
        en="Find a regular expression in a text: up to 20 matches with positions and groups, in linear time",
        de="Einen regulären Ausdruck in einem Text suchen: bis zu 20 Treffer mit Positionen und Gruppen, lineare Zeit",
    ),
    keywords=Bilingual(
        en="regex regexp regular expression pattern match extract find groups",
        de="regex regulärer ausdruck muster treffer finden extrahieren suchen gruppen",
    ),
    arguments=RegexArguments,
    result=RegexResult,
    run=regex_extract,
    answer=phrase,
    limits=(
        Limit(name="text_chars", value=MAX_CHARS, unit="characters"),
        Limit(name="pattern_chars", value=MAX_PATTERN_CHARS, unit="characters"),
        Limit(name="flags_chars", value=_MAX_FLAGS, unit="characters"),
        Limit(name="work", value=MAX_STEPS, unit="instructions of the pattern times characters of the text"),
        Limit(name="matches", value=MAX_MATCHES, unit="matches shown"),
    ),
    example=Example(
        args={"pattern": r"(?P<year>\d{4})-(\d{2})", "text": "from 2024-01 on", "flags": ""},
        result={
            "matches": [
                {
                    "text": "2024-01",
                    "start": 5,
                    "end": 12,
                    "groups": [
                        {"number": 1, "name": "year", "text": "2024", "start": 5, "end": 9},
                        {"number": 2, "name": None, "text": "01", "start": 10, "end": 12},
                    ],
                }
            ],
            "count": 1,
            "more": False,
            "flags": "",
            "engine": ENGINE,
        },
        answer="1 match: '2024-01' (5).",
    ),
    error_example=ErrorExample(args={"pattern": r"(?=a)b", "text": "ab"}, code="invalid_argument"),
)
