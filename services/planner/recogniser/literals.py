"""Extracts quoted text and braced data from a question, so that no grammar matches inside them."""

import re
import unicodedata
from dataclasses import dataclass

MARK = "\ue000"  # replaces a literal in the question; from Unicode's private use area
MAX_LITERALS = 4

_QUOTED = re.compile(
    r"```(?:[\w+#-]{0,12}\n)?([^`]+?)\n?```|`([^`]+)`|\"([^\"]*)\"|“([^“”]*)”|„([^„“”\"]*)[“”\"]|«([^«»]*)»|»([^«»]*)«"
    r"|(?<![\w'])'([^']+)'(?![\w'])"
)
# a brace after a sign of a pattern is its quantifier: `\d{3}`
_START = re.compile(r"(?<=[^\s])\{\d{1,4}(?:,\d{0,4})?\}|[{`\"“„«»']")


@dataclass(frozen=True, slots=True)
class Literal:
    """Quoted or braced text: without its quotes, and with them. Both are unchanged to the character."""

    text: str
    raw: str

    @property
    def opening(self) -> str:
        """The first character: a quote, a backtick or a brace."""
        return self.raw[0]


def without_literals(text: str) -> tuple[str, tuple[Literal, ...]] | None:
    """The text with `MARK` for each literal and with composed letters, and the literals; None if there are too many."""
    if MARK in text:
        return None
    kept: list[str] = []
    literals: list[Literal] = []
    place, braces = 0, True
    while (start := _START.search(text, place)) is not None:
        if len(start.group()) > 1:
            kept.append(text[place : start.end()])
            place = start.end()
            continue
        found = _braced(text, start.start()) if braces and start.group() == "{" else _quoted(text, start.start())
        braces = braces and not (found is None and start.group() == "{")  # an unclosed brace is searched once
        literal, end = found or (None, start.end())
        kept.append(text[place:end] if literal is None else text[place : start.start()] + MARK)
        literals += [] if literal is None else [Literal(literal, text[start.start() : end])]
        place = end
    kept.append(text[place:])
    outside = unicodedata.normalize("NFC", "".join(kept))
    return (outside, tuple(literals)) if len(literals) <= MAX_LITERALS else None


def with_single_spaces(text: str) -> str:
    """The text in one line, with single spaces outside of its literals."""
    marked = without_literals(text)
    if marked is None or not marked[1]:
        return " ".join(text.split())
    return restored(" ".join(marked[0].split()), marked[1])


def length_outside(text: str) -> int:
    """The length of a text without its literals; with them if there are too many."""
    marked = without_literals(text)
    return len(text if marked is None else marked[0])


def restored(outside: str, literals: tuple[Literal, ...]) -> str:
    """The text with its literals in place of their marks."""
    pieces = outside.split(MARK)
    raw = [literal.raw for literal in literals]
    return "".join(piece for pair in zip(pieces, [*raw, ""], strict=True) for piece in pair)


def _quoted(text: str, start: int) -> tuple[str, int] | None:
    found = _QUOTED.match(text, start)
    return None if found is None else (found[found.lastindex or 0], found.end())


def _braced(text: str, start: int) -> tuple[str, int] | None:
    """The text from a brace to its closing one, and the end position."""
    depth, in_string, place = 0, False, start
    while place < len(text):
        character = text[place]
        if in_string:
            place += character == "\\"
            in_string = character != '"'
        elif character == '"':
            in_string = True
        else:
            depth += (character in "{[") - (character in "}]")
            if depth == 0:
                return text[start : place + 1], place + 1
        place += 1
    return None
