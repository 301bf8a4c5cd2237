"""Tokenizes a calculation in words or signs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

TokenKind = Literal["number", "binary", "postfix", "of", "name", "constant", "sign"]

_WORDS_EN: Mapping[str, tuple[TokenKind, str]] = {
    "multiplied by": ("binary", "*"),
    "divided by": ("binary", "/"),
    "to the power of": ("binary", "^"),
    "times": ("binary", "*"),
    "plus": ("binary", "+"),
    "minus": ("binary", "-"),
    "modulo": ("binary", "mod"),
    "mod": ("binary", "mod"),
    "squared": ("postfix", "²"),
    "cubed": ("postfix", "³"),
    "factorial": ("postfix", "!"),
    "percent": ("postfix", "%"),
    "degrees": ("postfix", "°"),
    "deg": ("postfix", "°"),
    "of": ("of", "of"),
}
_WORDS_DE: Mapping[str, tuple[TokenKind, str]] = {
    "multipliziert mit": ("binary", "*"),
    "dividiert durch": ("binary", "/"),
    "geteilt durch": ("binary", "/"),
    "zum quadrat": ("postfix", "²"),
    "durch": ("binary", "/"),
    "mal": ("binary", "*"),
    "hoch": ("binary", "^"),
    "fakultät": ("postfix", "!"),
    "prozent": ("postfix", "%"),
    "grad": ("postfix", "°"),
    "von": ("of", "von"),
}
_WORDS = {**_WORDS_EN, **_WORDS_DE}
GERMAN_WORDS = frozenset(_WORDS_DE)
ENGLISH_WORDS = frozenset(_WORDS_EN) - {"plus", "minus", "modulo", "mod"}

# log is omitted: its base is 10 for some readers and e for others
ANGLE_FUNCTIONS = frozenset({"sin", "cos", "tan"})
FUNCTIONS = ANGLE_FUNCTIONS | {"sqrt", "abs", "round", "floor", "ceil", "min", "max", "gcd", "lcm"}
FUNCTIONS |= {"ln", "log10", "log2", "exp"}
_CONSTANTS = frozenset({"pi", "e"})
_SIGNS: Mapping[str, tuple[TokenKind, str]] = {
    "**": ("binary", "^"),
    "//": ("binary", "//"),
    "+": ("binary", "+"),
    "-": ("binary", "-"),
    "*": ("binary", "*"),
    "/": ("binary", "/"),
    "^": ("binary", "^"),
    "%": ("postfix", "%"),
    "!": ("postfix", "!"),
    "°": ("postfix", "°"),
    "²": ("postfix", "²"),
    "³": ("postfix", "³"),
    "√": ("sign", "√"),
    "(": ("sign", "("),
    ")": ("sign", ")"),
    ",": ("sign", ","),
    ";": ("sign", ";"),
}
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:[.,]\d+)*(?:e[+-]?\d+)?)(?![\w.])"
    rf"|(?P<word>{'|'.join(sorted(map(re.escape, _WORDS), key=len, reverse=True))})(?!\w)"
    r"|(?P<name>[a-z]+(?:10|2)?)(?!\w)"
    rf"|(?P<sign>{'|'.join(map(re.escape, _SIGNS))}))",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is the meaning, `written` the source text; `spaced` if a binary sign has spaces on both sides."""

    kind: TokenKind
    text: str
    written: str
    spaced: bool


def tokens_of(expression: str) -> tuple[Token, ...] | None:
    """The tokens of a whole expression, or None if any part of it is not arithmetic."""
    tokens = tuple(_scan(expression))
    return None if None in tokens else tuple(token for token in tokens if token is not None)


def _scan(expression: str) -> Iterator[Token | None]:
    position = 0
    while position < len(expression):
        found = _TOKEN.match(expression, position)
        if found is None:
            yield None
            return
        written = found.group().strip()
        meaning = _meaning(found, written)
        spaced = found.group() != written and expression[found.end() : found.end() + 1] == " "
        if meaning is None:
            yield None
            return
        yield Token(*meaning, written, spaced)
        position = found.end()


def _meaning(found: re.Match[str], written: str) -> tuple[TokenKind, str] | None:
    if found["number"]:
        return "number", written
    if found["word"]:
        return _WORDS[written]
    if found["sign"]:
        return _SIGNS[written]
    if written == "x":
        return "binary", "x"
    if written in FUNCTIONS:
        return "name", written
    return ("constant", written) if written in _CONSTANTS else None
