"""Formulas with variables as people type them, rewritten to one reading: `2x` becomes `2*x`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.planner.recogniser.multiplication import (
    GAP,
    NAMES_OF_FUNCTIONS,
    SUPERSCRIPTS,
    is_value_end,
    is_value_start,
    multiplied,
)
from services.planner.recogniser.numerals import Tongue, read_numeral

MAX_TOKENS = 80

_CONSTANTS = frozenset({"e", "pi"})
_TOKEN = re.compile(r" ?(?:(\d+(?:[.,]\d+)*)|([a-z]+(?:10|2)?(?![a-z0-9]))|(\*\*|[-+*/^()=²³⁴⁵⁶]))", re.ASCII)

# nobody writes three zeros after a decimal point
MAY_BE_A_THOUSAND = re.compile(r"[1-9]\d{0,2}\.000")
_LETTER = re.compile(r"(?<![A-Za-z])[A-Za-z](?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Formula:
    """`text` is the formula, `variables` are its letters in alphabetical order."""

    text: str
    variables: tuple[str, ...]


def read_formula(text: str, tongue: Tongue) -> Formula | None:
    """The formula in lower case; None for text with words, an incomplete formula, or one with two readings.

    An equation has one `=`.
    """
    letters = set(_LETTER.findall(text))
    if "E" in letters or any(letter.isupper() and letter.lower() in letters for letter in letters):
        return None  # the tools know no capitals: E would be Euler's number, and X would be x
    tokens = _tokens(text.strip().lower(), tongue)
    if not tokens or len(tokens) > MAX_TOKENS or not _is_complete([token for token in tokens if token != GAP]):
        return None
    with_signs = multiplied(tokens)
    names = {token for token in tokens if token.isalpha() and token not in NAMES_OF_FUNCTIONS | _CONSTANTS}
    return None if with_signs is None else Formula(_written(with_signs), tuple(sorted(names)))


def variable_of(formula: Formula, named: str) -> str | None:
    """The named variable, or the only one; None otherwise."""
    if named:
        return named if named in formula.variables else None
    return formula.variables[0] if len(formula.variables) == 1 else None


def _tokens(text: str, tongue: Tongue) -> list[str] | None:
    """The pieces; None if one is unknown, or if both marks are decimal ones: `0,5x = 1.000`."""
    tokens: list[str] = []
    marks: set[str] = set()
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            return None
        numeral, name, sign = found.groups()
        if numeral:
            read = None if MAY_BE_A_THOUSAND.fullmatch(numeral) else read_numeral(numeral, tongue)
            tokens.append(read.written(".") if read else "")
            marks |= {read.mark} - {""} if read else set()
        elif name:
            is_apart = found.group()[0] == " " and name in NAMES_OF_FUNCTIONS and place > 0
            tokens += [*([GAP] if is_apart and is_value_end(tokens[-1]) else []), *_names(name)]
        else:
            tokens.append("^" if sign == "**" else sign)
        place = found.end()
    return None if "" in tokens or len(marks) > 1 else tokens


def _names(name: str) -> list[str]:
    """A function, a constant or one letter; adjacent letters may be a word."""
    return [name] if name in NAMES_OF_FUNCTIONS | _CONSTANTS or (len(name) == 1 and name.isalpha()) else [""]


def _is_complete(tokens: Sequence[str]) -> bool:
    """True if operands and operators alternate, brackets close, functions are called, and no token may be a name."""
    depth, before = 0, ""
    for token in tokens:
        if not _may_follow(before, token):
            return False
        depth += (token == "(") - (token == ")")
        if depth < 0 or (token == "=" and depth):
            return False
        before = token
    return depth == 0 and is_value_end(tokens[-1])


def _may_follow(before: str, token: str) -> bool:
    ended = bool(before) and is_value_end(before)
    if before in NAMES_OF_FUNCTIONS:
        return token == "("
    if is_value_start(token):
        letter_called = before.isalpha() and token == "("  # x(2) may be a function
        return not (ended and token[0].isdecimal()) and not letter_called
    if token in SUPERSCRIPTS or token == "^":
        return ended and before not in SUPERSCRIPTS
    if token in ("-", "+"):
        return ended or before in ("", "(", "=", "^", "*", "/")
    return ended


def _written(tokens: Sequence[str]) -> str:
    """Space around sums and `=`, none elsewhere."""
    text, before = "", ""
    for token in tokens:
        is_sign = token in ("-", "+") and not (before and is_value_end(before))
        is_free = token in ("+", "-", "=") and not is_sign
        text += f" {token} " if is_free else SUPERSCRIPTS.get(token, token)
        before = token
    return text
