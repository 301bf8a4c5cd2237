"""A number as an argument: a JSON number or its text, read as the decimal that was written."""

import re
import sys
from fractions import Fraction
from math import isfinite
from typing import Annotated

from pydantic import BeforeValidator, Field, JsonValue, WithJsonSchema

from services.mcp.contract import ToolError
from services.mcp.tools.pure.calculate.numerals import number_style, numeral_value

MAX_NUMBER_CHARS = 60
MAX_EXPONENT = 200
_SURE_DIGITS = sys.float_info.dig  # 15: a number with at most so many digits passes a JSON parser unchanged

_MINUS = re.compile("[\u2212\u2013]")
_NUMERAL = re.compile("(?:\\d[\\d.,'\u2019_\u00a0\u202f\u2009]*|[.,]\\d+)(?:[eE][+-]?\\d{1,4})?", re.ASCII)
_RATIO = re.compile(r"(\d+)/(\d+)", re.ASCII)


def _as_text(value: JsonValue) -> JsonValue:
    """Write a JSON number as the shortest decimal that means it; other values are left to the type check."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if isinstance(value, int):
        return str(value) if value.bit_length() < 4 * MAX_NUMBER_CHARS else "9" * (MAX_NUMBER_CHARS + 1)
    if not isfinite(value):
        raise ValueError("a number must be finite")
    if len(repr(value).partition("e")[0].replace(".", "").strip("-0")) > _SURE_DIGITS:
        raise ValueError("a JSON number of so many digits may have been rounded on its way, send it as text")
    return repr(value)


NumberText = Annotated[
    str,
    BeforeValidator(_as_text),
    Field(min_length=1, max_length=MAX_NUMBER_CHARS),
    WithJsonSchema({"type": ["number", "string"], "minLength": 1, "maxLength": MAX_NUMBER_CHARS}),
]


def read_number(text: str, argument: str) -> Fraction:
    """Exact value of `0.1`, `1,5`, `-2e3` or `1/3`. Raises ToolError, which names the argument."""
    plain = _MINUS.sub("-", text.strip())
    sign = -1 if plain.startswith("-") else 1
    unsigned = plain[1:].strip() if plain[:1] in "+-" else plain
    if ratio := _RATIO.fullmatch(unsigned):
        if int(ratio[2]) == 0:
            raise ToolError("division_by_zero", f"{argument}: the denominator is zero")
        return sign * Fraction(int(ratio[1]), int(ratio[2]))
    if not _NUMERAL.fullmatch(unsigned):
        raise ToolError("invalid_argument", f"{argument}: write a number such as 12.5")
    value = sign * numeral_value(unsigned, number_style([unsigned], german_words=False))
    return bounded(value, argument)


def bounded(value: Fraction, argument: str) -> Fraction:
    """Refuse a number beyond 10^200 or finer than 10^-200. Raises ToolError(limit_exceeded)."""
    longest = max(value.numerator.bit_length(), value.denominator.bit_length())
    if longest > MAX_EXPONENT * 3.33:
        raise ToolError("limit_exceeded", f"{argument}: the decimal exponent is limited to {MAX_EXPONENT}")
    return value
