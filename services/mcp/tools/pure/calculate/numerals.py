"""What a written number means: decimal point or decimal comma, with or without thousands separators.

The style of one numeral may prove how the others are meant (`1,234 + 0.5`). Where nothing proves it, the number is
refused: a wrong guess would be off by a factor of a thousand.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from services.mcp.contract import ToolError
from services.mcp.tools.pure.calculate.limits import MAX_RESULT_DIGITS, exceeded

Style = Literal["point", "comma"]

_NEUTRAL_SEPARATORS = re.compile("['\u2019_\u00a0\u202f\u2009]")
_NEUTRAL_GROUPS = re.compile("\\d{1,3}(?:(['\u2019_\u00a0\u202f\u2009])\\d{3})(?:\\1\\d{3})*(?:[.,]\\d+)?", re.ASCII)
_POINT_STYLE = re.compile(r"(?:[1-9]\d{0,2}(?:,\d{3})+|\d*)(?:\.\d+)?", re.ASCII)
_COMMA_STYLE = re.compile(r"(?:[1-9]\d{0,2}(?:\.\d{3})+|\d*)(?:,\d+)?", re.ASCII)
_EITHER = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)


def number_style(numerals: Sequence[str], *, german_words: bool) -> Style:
    """The only style in which all numerals are readable. Raises ToolError if none or both remain.

    A lone point is a decimal point unless another numeral, or a German word next to a group of three, contradicts it.
    """
    mantissas = [_mantissa(numeral) for numeral in numerals]
    commas = any("," in mantissa for mantissa in mantissas)
    point, comma = _readable(_POINT_STYLE, mantissas), _readable(_COMMA_STYLE, mantissas)
    if not point and not comma:
        raise ToolError("ambiguous", "the numbers mix decimal points and decimal commas, or group digits wrongly")
    either = any(_EITHER.fullmatch(mantissa) for mantissa in mantissas)
    if point and comma and either and (commas or german_words):
        raise ToolError("ambiguous", "one separator before three digits: write 1234 or 1.234, without grouping")
    return "point" if point else "comma"


def numeral_value(numeral: str, style: Style) -> Fraction:
    """Exact value of a numeral that `number_style` has accepted. Raises ToolError for a huge exponent."""
    mantissa, _, exponent = numeral.lower().partition("e")
    plain = _NEUTRAL_SEPARATORS.sub("", mantissa)
    plain = plain.replace(",", "") if style == "point" else plain.replace(".", "").replace(",", ".")
    if len(exponent) > len("-1000") or abs(int(exponent or 0)) > MAX_RESULT_DIGITS:
        raise exceeded("decimal exponent of a number", MAX_RESULT_DIGITS)
    return Fraction(plain) * Fraction(10) ** int(exponent or 0)


def _mantissa(numeral: str) -> str:
    mantissa = numeral.lower().partition("e")[0]
    if not _NEUTRAL_SEPARATORS.search(mantissa):
        return mantissa
    if not _NEUTRAL_GROUPS.fullmatch(mantissa):
        raise ToolError("ambiguous", "digits are grouped wrongly: groups have three digits")
    return _NEUTRAL_SEPARATORS.sub("", mantissa)


def _readable(style: re.Pattern[str], mantissas: Sequence[str]) -> bool:
    return all(style.fullmatch(mantissa) for mantissa in mantissas)
