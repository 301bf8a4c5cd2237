"""Rounding exact fractions to decimal places in the seven ways that have a name in `decimal`."""

from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Literal

Rounding = Literal[
    "ROUND_CEILING",
    "ROUND_DOWN",
    "ROUND_FLOOR",
    "ROUND_HALF_DOWN",
    "ROUND_HALF_EVEN",
    "ROUND_HALF_UP",
    "ROUND_UP",
]


def rounded(value: Fraction, scale: int, rounding: Rounding) -> Decimal:
    """The value with `scale` decimal places, rounded once.

    One more digit, and a last one that marks a non-zero remainder, decide every rounding mode.
    """
    digits, rest = divmod(abs(value.numerator) * 10 ** (scale + 1), value.denominator)
    sticky = Decimal((1 if value < 0 else 0, tuple(int(d) for d in f"{digits}{1 if rest else 0}"), -(scale + 2)))
    context = Context(prec=len(sticky.as_tuple().digits) + 2, rounding=rounding)
    return sticky.quantize(Decimal((0, (1,), -scale)), context=context)


def decimal_text(value: Decimal) -> str:
    """Write a decimal plainly; zero has no sign."""
    return f"{abs(value):f}" if not value else f"{value:f}"


def significant(value: Fraction, digits: int) -> Decimal:
    """Value with so many significant digits, halves to even."""
    context = Context(prec=digits, rounding=ROUND_HALF_EVEN, Emin=MIN_EMIN, Emax=MAX_EMAX)
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))
