"""What a written list of numbers means.

A comma is either the separator of the list or a decimal comma. Where the text can be read in both ways it is refused: a
wrong guess would change every result.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from services.mcp.contract import Limit, ToolError
from services.mcp.tools.pure.calculate.numerals import Style, number_style, numeral_value
from services.mcp.tools.pure.number_argument import bounded

MAX_DATA_CHARS = 60_000
MAX_VALUES = 5_000
MAX_CELL_CHARS = 60

DATA_LIMITS = (
    Limit(name="data_chars", value=MAX_DATA_CHARS, unit="characters"),
    Limit(name="values", value=MAX_VALUES, unit="numbers"),
    Limit(name="number_chars", value=MAX_CELL_CHARS, unit="characters"),
)
DATA_HELP = (
    "Numbers separated by ';', ',' or spaces, such as '1, 2.5, 3'. "
    "A decimal comma is read where ';' or spaces separate: '1,5; 2,5'."
)

Reading = Literal["comma_separated", "semicolon_separated", "space_separated"]
DataText = Annotated[str, Field(min_length=1, max_length=MAX_DATA_CHARS, description=DATA_HELP)]

_SIGNS = str.maketrans({"\u2212": "-", "\u2013": "-"})
_CELL = re.compile("[+-]?(?:\\d[\\d.,'\u2019_\u00a0\u202f\u2009]*|[.,]\\d+)(?:[eE][+-]?\\d{1,4})?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d*)(?:,\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_COMMA_AND_SPACE = re.compile(r",\s|,$", re.MULTILINE)
_SPACED_GROUP = re.compile(r"(?<![\d.,])[1-9]\d{0,2}[ ]0\d\d(?!\d)", re.ASCII)  # `1 000`, `12 050`
_COMMA_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+", re.ASCII)
_MILLIONS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3}){2,}(?:\.\d+)?", re.ASCII)  # `1,250,000`
_GROUP_OF_ZEROS = re.compile(r"(?<=\d),0\d\d(?!\d)", re.ASCII)  # `1,000`, which no list of numbers is likely to hold
_SPACES = re.compile(r"[ \t\r\n\f\v]+")


@dataclass(frozen=True, slots=True)
class Sample:
    """Numbers in the order in which they were written, and how they were read."""

    values: tuple[Fraction, ...]
    reading: Reading
    decimal_comma: bool

    @property
    def size(self) -> int:
        return len(self.values)


def read_sample(text: str, argument: str, at_least: int = 1) -> Sample:
    """Numbers of a text. Raises ToolError, which names the argument."""
    plain = text.translate(_SIGNS).strip().removeprefix("[").removesuffix("]").strip()
    cells, reading, comma_allowed = _cells(plain, argument)
    if len(cells) > MAX_VALUES:
        raise ToolError("limit_exceeded", f"{argument}: the limit is {MAX_VALUES:,} numbers")
    for place, cell in enumerate(cells, 1):
        _check(cell, f"{argument}: number {place}")
    style = number_style([cell.lstrip("+-") for cell in cells], german_words=False)
    if style == "comma" and not comma_allowed:
        raise _unclear(argument)
    values = tuple([_value(cell, style, argument) for cell in cells])
    if len(values) < at_least:
        raise ToolError("invalid_argument", f"{argument}: at least {at_least} numbers are needed")
    return Sample(values, reading, decimal_comma=style == "comma")


def _cells(plain: str, argument: str) -> tuple[list[str], Reading, bool]:
    """Cells, their separator, and whether a comma in them may be a decimal one."""
    if ";" in plain:
        rows = (cell.strip() for line in plain.splitlines() for cell in line.rstrip().removesuffix(";").split(";"))
        return list(rows), "semicolon_separated", True
    words = _SPACES.split(plain)
    if _SPACED_GROUP.search(plain):
        raise ToolError("ambiguous", f"{argument}: spaces may separate or group digits; separate numbers with ';'")
    if "," not in plain:
        return words, "space_separated", False
    if _COMMA_AND_SPACE.search(plain):
        return _between_commas(plain, argument), "comma_separated", False
    if all(_DECIMAL_COMMA.fullmatch(word) for word in words):
        if len(words) == 1:
            raise _unclear(argument)
        return words, "space_separated", True
    if _GROUP_OF_ZEROS.search(plain) or (len(words) > 1 and _grouped(words)):
        raise _unclear(argument)
    return [cell for word in words for cell in word.split(",")], "comma_separated", False


def _grouped(words: list[str]) -> bool:
    return all(map(_COMMA_GROUPS.fullmatch, words)) or any(map(_MILLIONS.fullmatch, words))


def _between_commas(plain: str, argument: str) -> list[str]:
    """Split at commas that white space follows; a comma left inside a number would be read in two ways."""
    lines = [line.rstrip().removesuffix(",") for line in plain.splitlines() if line.strip()]
    tight = any(re.search(r",\S", line) for line in lines)
    loose = any(re.search(r",\s", line) for line in lines)
    if tight and loose:
        raise _unclear(argument)
    return [cell.strip() for line in lines for cell in line.split(",")]


def _check(cell: str, where: str) -> None:
    if len(cell) > MAX_CELL_CHARS:
        raise ToolError("limit_exceeded", f"{where} is longer than {MAX_CELL_CHARS} characters")
    if not _CELL.fullmatch(cell):
        raise ToolError("invalid_argument", f"{where} is missing" if not cell else f"{where} is not a number")


def _value(cell: str, style: Style, argument: str) -> Fraction:
    value = numeral_value(cell.lstrip("+-"), style)
    return bounded(-value if cell.startswith("-") else value, argument)


def _unclear(argument: str) -> ToolError:
    return ToolError("ambiguous", f"{argument}: a comma may separate or be a decimal comma; separate numbers with ';'")


def same_length(first: Sequence[Fraction], second: Sequence[Fraction], names: str) -> None:
    """Raises ToolError where paired samples differ in length."""
    if len(first) != len(second):
        raise ToolError("invalid_argument", f"{names}: {len(first)} and {len(second)} numbers do not pair")
