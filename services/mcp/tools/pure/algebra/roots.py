"""All roots of a polynomial: exact where there are formulas of square roots, else in certified bounds."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.factors import irreducible_factors
from services.mcp.tools.pure.algebra.isolation import RootInterval, narrowed, real_root_intervals
from services.mcp.tools.pure.algebra.polynomials import Polynomial, degree, evaluate
from services.mcp.tools.pure.algebra.quadratic import (
    QuadraticNumber,
    is_root,
    quadratic_roots,
    quadratic_rounded,
    quadratic_text,
)
from services.mcp.tools.pure.calculate.rendering import decimal_text, exact_text, rounded_text
from services.mcp.tools.pure.calculate.tape import Tape

_BOUND_DIGITS = 20
_DOWN = Context(prec=_BOUND_DIGITS, rounding=ROUND_FLOOR)
_UP = Context(prec=_BOUND_DIGITS, rounding=ROUND_CEILING)


@dataclass(frozen=True, slots=True)
class Root:
    """One root. `low` and `high` are decimals that enclose a real root; equal where it is rational and short."""

    exact: str | None
    rounded: str
    is_exact: bool
    is_real: bool
    multiplicity: int
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Roots:
    """Real roots in rising order, non-real ones in pairs, and how many non-real ones have no formula here."""

    real: tuple[Root, ...]
    non_real: tuple[Root, ...]
    unlisted: int


def polynomial_roots(value: Polynomial) -> Roots:
    """Roots of a polynomial of degree >= 1. Raises ToolError(undecided) if one cannot be verified."""
    found: list[Root] = []
    unlisted = 0
    for factor, multiplicity in irreducible_factors(value):
        roots = list(_roots_of(factor, multiplicity))
        found += roots
        unlisted += (degree(factor) - len(roots)) * multiplicity
    real = sorted((root for root in found if root.is_real), key=lambda root: root.low)
    return Roots(tuple(real), tuple(root for root in found if not root.is_real), unlisted)


def rational_root(value: Fraction, multiplicity: int = 1) -> Root:
    rounded = rounded_text(value, Tape())
    low, high = _bounds(RootInterval(value, value))
    return Root(
        exact=exact_text(value).text,
        rounded=rounded.text,
        is_exact=rounded.is_exact,
        is_real=True,
        multiplicity=multiplicity,
        low=low,
        high=high,
    )


def _roots_of(factor: Polynomial, multiplicity: int) -> Iterator[Root]:
    if degree(factor) == 1:
        yield rational_root(-factor[0] / factor[1], multiplicity)
    elif degree(factor) == 2:
        for number in quadratic_roots(factor):
            yield _quadratic_root(factor, number, multiplicity)
    else:
        intervals = real_root_intervals(factor)
        for interval, exact in zip(intervals, _exact_forms(factor, len(intervals)), strict=True):
            yield _enclosed_root(factor, interval, exact, multiplicity)


def _quadratic_root(factor: Polynomial, number: QuadraticNumber, multiplicity: int) -> Root:
    if not is_root(factor, number):
        raise ToolError("undecided", "a root could not be verified by substitution")
    rounded = quadratic_rounded(number)
    low = high = Decimal(0)
    if number.is_real:
        own = next(one for one in real_root_intervals(factor)[:: 1 if number.factor < 0 else -1])
        low, high = _bounds(narrowed(factor, own)[0])
    return Root(
        exact=quadratic_text(number),
        rounded=rounded.text,
        is_exact=rounded.is_exact,
        is_real=number.is_real,
        multiplicity=multiplicity,
        low=low,
        high=high,
    )


def _enclosed_root(factor: Polynomial, interval: RootInterval, exact: str | None, multiplicity: int) -> Root:
    """A root that lies between two points of different sign, which is its proof."""
    narrow, rounded = narrowed(factor, interval)
    if evaluate(factor, narrow.low) * evaluate(factor, narrow.high) >= 0:
        raise ToolError("undecided", "a root could not be verified by a change of sign")
    low, high = _bounds(narrow)
    return Root(
        exact=exact,
        rounded=decimal_text(rounded, keep_zeros=True),
        is_exact=False,
        is_real=True,
        multiplicity=multiplicity,
        low=low,
        high=high,
    )


def _exact_forms(factor: Polynomial, count: int) -> list[str | None]:
    """Real roots of a x^n + c and a x^4 + b x^2 + c in rising order; None for others."""
    if not any(factor[1:-1]):
        size = abs(factor[0] / factor[-1])
        root = f"{size if size.denominator == 1 else f'({size})'}^(1/{degree(factor)})"
        return [f"-{root}", root] if count == 2 else [f"-{root}" if factor[0] * factor[-1] > 0 else root] * count
    if degree(factor) != 4 or factor[1] or factor[3]:
        return [None] * count
    squares = [square for square in quadratic_roots(factor[::2]) if square.is_real]
    sizes = [f"sqrt({quadratic_text(square)})" for square in squares[len(squares) - count // 2 :]]
    return [*(f"-{size}" for size in reversed(sizes)), *sizes]


def _bounds(interval: RootInterval) -> tuple[Decimal, Decimal]:
    low, high = interval.low, interval.high
    return (
        _DOWN.divide(Decimal(low.numerator), Decimal(low.denominator)),
        _UP.divide(Decimal(high.numerator), Decimal(high.denominator)),
    )
