"""Amounts of money as arguments: decimal digits in strings, never binary fractions."""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, TypeAlias

from pydantic import Field

from services.mcp.contract import ToolError
from services.mcp.tools.pure.calculate.numerals import number_style, numeral_value

MAX_AMOUNT_CHARS = 60
MAX_SCALE = 12
Amount: TypeAlias = Annotated[str, Field(min_length=1, max_length=MAX_AMOUNT_CHARS)]
CurrencyCode: TypeAlias = Annotated[str, Field(min_length=3, max_length=3, pattern="^[A-Za-z]{3}$")]
_SHAPE = re.compile("([+-]?)((?:[0-9][0-9.,'\u2019_\u00a0\u202f\u2009]*|[.,][0-9]+))", re.ASCII)


def read_amounts(texts: Sequence[str], name: str) -> tuple[Fraction, ...]:
    """Exact values of amounts that share one style: 1,234.50 or 1.234,50.

    Raises ToolError: invalid_argument for other text, ambiguous for two readings.
    """
    shapes = [_SHAPE.fullmatch(text.strip()) for text in texts]
    numerals = [shape[2] for shape in shapes if shape]
    if len(numerals) < len(texts) or any(not numeral[-1].isdecimal() for numeral in numerals):
        raise ToolError(
            "invalid_argument", f"{name}: decimal numbers like 119.99 are expected, without a currency sign"
        )
    style = number_style(numerals, german_words=False)
    signs = [-1 if shape and shape[1] == "-" else 1 for shape in shapes]
    return tuple([sign * numeral_value(numeral, style) for sign, numeral in zip(signs, numerals, strict=True)])
