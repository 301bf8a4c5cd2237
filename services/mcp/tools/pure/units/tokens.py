"""Text to tokens: numbers, names of units, operators."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from services.mcp.contract import ToolError
from services.mcp.tools.pure.calculate.numerals import number_style, numeral_value
from services.mcp.tools.pure.number_argument import bounded

TokenKind = Literal["number", "name", "symbol", "exponent", "end"]

_GROUP = "'\u2019_\u00a0\u202f\u2009"
_SPACE = re.compile(r"\s+")
# A fraction such as `1/2 in` is one number, unless something follows that binds to its denominator alone.
_RATIO = re.compile(r"(\d+)/(\d+)(?![\d.,/⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]|[eE][+-]?\d|\s*(?:\^|\*\*|\())", re.ASCII)
_NUMBER = re.compile(rf"(?:\d+(?:[.,{_GROUP}]\d+)*|[.,]\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_GREEK = "\u00b5\u03b1\u03b3\u03b5\u03f5\u03b6\u03bb\u03bc\u03c0\u03c1\u03c3\u03a6\u03a9\u2126\u0394"
_LETTER = rf"A-Za-zÄÖÜäöüßéÅåø\u212b\u2113\u210e\u0127\u221e{_GREEK}"
_NAME = re.compile(f"(?:\u0394(?=°))?[{_LETTER}°\u2103\u2109](?:[{_LETTER}_0-9]|-(?=[{_LETTER}]))*|[%‰°]")
_SYMBOL = re.compile("\\*\\*|->|[-+*/^()\u00d7·⋅∙÷\u2212\u2013→]")
_SUPERSCRIPT = re.compile("[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_PLAIN = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_MEANING = {
    "**": "^",
    "\u00d7": "*",
    "·": "*",
    "⋅": "*",
    "∙": "*",
    "÷": "/",
    "\u2212": "-",
    "\u2013": "-",
    "→": "to",
    "->": "to",
}
_WORDS = {
    "per": "/",
    "pro": "/",
    "je": "/",
    "times": "*",
    "mal": "*",
    "x": "*",
    "of": "*",
    "von": "*",
    "to": "to",
    "into": "to",
    "nach": "to",
    "as": "to",
}


@dataclass(frozen=True, slots=True)
class Token:
    """One token. `value` is set for numbers and exponents."""

    kind: TokenKind
    text: str
    value: Fraction = Fraction(0)


def tokenise(text: str, argument: str) -> tuple[Token, ...]:
    """Raises ToolError at the first character without a meaning."""
    written = _split(text, argument)
    numerals = [token.text for token in written if token.kind == "number" and "/" not in token.text]
    style = number_style(numerals, german_words=False) if numerals else "point"
    return tuple(
        [
            Token("number", token.text, bounded(numeral_value(token.text, style), argument))
            if token.kind == "number" and "/" not in token.text
            else token
            for token in written
        ]
    )


def is_operator_word(text: str) -> bool:
    """Whether a name has the letters of an operator: `as` is the attosecond, too."""
    return text.lower() in _WORDS


def _split(text: str, argument: str) -> list[Token]:
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        if space := _SPACE.match(text, position):
            position = space.end()
            continue
        before = [token.text for token in tokens[-2:]]
        bound = before[-1:] in (["/"], ["^"]) or before in (["^", "-"], ["^", "+"])
        token, position = _next(text, position, argument, may_be_fraction=not bound)
        tokens.append(token)
    return tokens


def _next(text: str, start: int, argument: str, *, may_be_fraction: bool) -> tuple[Token, int]:
    if may_be_fraction and (ratio := _RATIO.match(text, start)) and int(ratio[2]):
        return Token("number", ratio.group(), Fraction(int(ratio[1]), int(ratio[2]))), ratio.end()
    if found := _NUMBER.match(text, start):
        return Token("number", found.group()), found.end()
    if found := _SUPERSCRIPT.match(text, start):
        plain = found.group().translate(_PLAIN)
        return Token("exponent", plain, Fraction(plain[:5])), found.end()
    if found := _SYMBOL.match(text, start):
        return Token("symbol", _MEANING.get(found.group(), found.group())), found.end()
    if found := _NAME.match(text, start):
        word = found.group()
        if meaning := _WORDS.get(word.lower()):
            return Token("symbol", meaning), found.end()
        return Token("name", word), found.end()
    raise ToolError("invalid_argument", f"{argument}: character {start + 1} ({text[start]!a}) has no meaning here")
