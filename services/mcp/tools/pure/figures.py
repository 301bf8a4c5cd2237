"""Numbers in results: the exact value and the rounded one side by side."""

from collections.abc import Callable
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    localcontext,
)
from fractions import Fraction
from math import isqrt
from typing import Literal

from pydantic import Field

from services.mcp.contract import Language, ToolError, ToolModel
from services.mcp.tools.pure.calculate.rendering import SIGNIFICANT_DIGITS, decimal_text, exact_text

RoundingRule = Literal["half_even_15_significant_digits"]
ROUNDING: RoundingRule = "half_even_15_significant_digits"

_LONGEST_EXACT = 120
_PRECISIONS = (34, 52, 80, 120)  # decimal digits; two neighbours that round alike decide
_ROUND = Context(prec=SIGNIFICANT_DIGITS, rounding=ROUND_HALF_EVEN, Emin=MIN_EMIN, Emax=MAX_EMAX)


class Figure(ToolModel):
    """One number."""

    exact: str | None = Field(description="Integer, decimal, fraction p/q or root; null if longer than 120 characters")
    rounded: str = Field(description="At most 15 significant digits, halves to even")
    is_exact: bool = Field(description="Whether `rounded` is the exact value")

    def text(self, language: Language) -> str:
        """The number for a sentence, after ≈ if it was rounded."""
        text = self.rounded.replace(".", ",") if language == "de" else self.rounded
        return text if self.is_exact else f"≈ {text}"


def figure(value: Fraction) -> Figure:
    """Figure of a rational number."""
    exact = exact_text(value).text
    rounded = _ROUND.divide(Decimal(value.numerator), Decimal(value.denominator))
    is_exact = Fraction(rounded) == value
    short = exact if exact is not None and len(exact) <= _LONGEST_EXACT else None
    return Figure(exact=short, rounded=decimal_text(rounded, keep_zeros=not is_exact), is_exact=is_exact)


def root_figure(square: Fraction) -> Figure:
    """Square root of a rational number that is not negative, correctly rounded."""
    numerator, denominator = isqrt(square.numerator), isqrt(square.denominator)
    if numerator**2 == square.numerator and denominator**2 == square.denominator:
        return figure(Fraction(numerator, denominator))
    inside = exact_text(square).text
    exact = f"sqrt({inside})" if inside is not None and len(inside) <= _LONGEST_EXACT else None
    return Figure(exact=exact, rounded=rounded_real(_root_with_sticky_digit(square)), is_exact=False)


def real_figure(value: Decimal) -> Figure:
    """Figure of a result of `decided`."""
    return Figure(exact=None, rounded=rounded_real(value), is_exact=False)


def probability_figure(value: Fraction | Decimal) -> Figure:
    """Exact where the probability is known exactly."""
    return figure(value) if isinstance(value, Fraction) else real_figure(value)


def rounded_real(value: Decimal) -> str:
    return decimal_text(_ROUND.plus(value), keep_zeros=True) if value else "0"


def decided(compute: Callable[[], Decimal]) -> Decimal:
    """Value whose 15 significant digits no longer change with the precision. Raises ToolError(undecided).

    `compute` is called inside a decimal context; it must lose no more than a bounded number of digits.
    """
    previous: Decimal | None = None
    for precision in _PRECISIONS:
        with localcontext(Context(prec=precision, Emin=MIN_EMIN, Emax=MAX_EMAX)):
            try:
                value = compute()
            except (DivisionByZero, InvalidOperation):  # a non-zero value looked like zero: more digits may decide
                previous = None
                continue
        rounded = _ROUND.plus(value)
        if previous is not None and previous == rounded:
            return value
        previous = rounded
    raise ToolError("undecided", f"the value is not sure to {SIGNIFICANT_DIGITS} digits at {_PRECISIONS[-1]} digits")


def as_decimal(value: Fraction) -> Decimal:
    """Fraction in the precision of the current context."""
    return Decimal(value.numerator) / Decimal(value.denominator)


def _root_with_sticky_digit(square: Fraction) -> Decimal:
    """25 or more digits of an irrational root, closed by a 1 that prevents a false tie."""
    size = (square.numerator.bit_length() - square.denominator.bit_length()) * 3 // 10  # decimal digits, roughly
    places = max(0, 32 - size // 2)
    root = isqrt(square.numerator * 10 ** (2 * places) // square.denominator)
    return Decimal(root * 10 + 1).scaleb(-places - 1, Context(prec=10_000, Emin=MIN_EMIN, Emax=MAX_EMAX))
