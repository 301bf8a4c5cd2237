"""Interval arithmetic on `decimal`: every operation returns bounds that hold the true value.

Sums, products and quotients round outwards. `exp`, `ln` and `sqrt` of `decimal` are correctly rounded, so one step to
either side encloses them. Sine, cosine and arctangent change no faster than their argument, so the error of the
argument is added to the error of the series.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from math import ceil, log, log2
from typing import Literal

from services.mcp.contract import ToolError
from services.mcp.tools.pure.calculate.limits import MAX_INTERMEDIATE_DIGITS, exceeded
from services.mcp.tools.pure.calculate.series import MAX_ERROR, arctangent_scaled, pi_scaled, sine_cosine_scaled

_MAX_EXPONENT = int(MAX_INTERMEDIATE_DIGITS * log(10))
_ZERO = Decimal(0)


class Unresolved(Exception):
    """The interval is too wide to go on, for instance a divisor that may be zero."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds of a real number, both included."""

    low: Decimal
    high: Decimal


class IntervalArithmetic:
    """Operations at a working precision of `digits` decimal digits. Raise Unresolved or ToolError."""

    def __init__(self, digits: int) -> None:
        self._down = _context(digits, ROUND_FLOOR)
        self._up = _context(digits, ROUND_CEILING)
        self._near = _context(digits, ROUND_HALF_EVEN)
        self._bits = ceil(digits * log2(10)) + 4

    def fraction(self, value: Fraction) -> Interval:
        numerator, denominator = Decimal(value.numerator), Decimal(value.denominator)
        return Interval(self._down.divide(numerator, denominator), self._up.divide(numerator, denominator))

    def pi(self) -> Interval:
        return self._scaled(pi_scaled(self._bits), self._bits, _ZERO)

    def add(self, left: Interval, right: Interval) -> Interval:
        return Interval(self._down.add(left.low, right.low), self._up.add(left.high, right.high))

    def negate(self, value: Interval) -> Interval:
        return Interval(value.high.copy_negate(), value.low.copy_negate())

    def absolute(self, value: Interval) -> Interval:
        if value.low >= 0:
            return value
        if value.high <= 0:
            return self.negate(value)
        return Interval(_ZERO, max(value.low.copy_negate(), value.high))

    def multiply(self, left: Interval, right: Interval) -> Interval:
        pairs = [(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
        return Interval(
            min(self._down.multiply(a, b) for a, b in pairs), max(self._up.multiply(a, b) for a, b in pairs)
        )

    def divide(self, left: Interval, right: Interval) -> Interval:
        if right.low <= 0 <= right.high:
            raise Unresolved
        pairs = [(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
        return Interval(min(self._down.divide(a, b) for a, b in pairs), max(self._up.divide(a, b) for a, b in pairs))

    def sqrt(self, value: Interval) -> Interval:
        _require_positive(value, "the square root of a negative number is not real")
        return self._around(self._near.sqrt(value.low), self._near.sqrt(value.high))

    def ln(self, value: Interval) -> Interval:
        _require_positive(value, "the logarithm needs a number above zero")
        return self._around(self._near.ln(value.low), self._near.ln(value.high))

    def exp(self, value: Interval) -> Interval:
        if value.low > _MAX_EXPONENT or value.high < -_MAX_EXPONENT:
            raise exceeded("digits of an intermediate number", MAX_INTERMEDIATE_DIGITS)
        if value.high > 2 * _MAX_EXPONENT or value.low < -2 * _MAX_EXPONENT:
            raise Unresolved
        return self._around(self._near.exp(value.low), self._near.exp(value.high))

    def sin(self, value: Interval) -> Interval:
        middle, radius = self._middle(value)
        return self._scaled(sine_cosine_scaled(middle, self._bits)[0], self._bits, radius)

    def cos(self, value: Interval) -> Interval:
        middle, radius = self._middle(value)
        return self._scaled(sine_cosine_scaled(middle, self._bits)[1], self._bits, radius)

    def tan(self, value: Interval) -> Interval:
        return self.divide(self.sin(value), self.cos(value))

    def atan(self, value: Interval) -> Interval:
        middle, radius = self._middle(value)
        return self._scaled(arctangent_scaled(middle, self._bits), self._bits, radius)

    def asin(self, value: Interval) -> Interval:
        """arctan(x / sqrt(1 - x²)). The ends of the domain are exact numbers and never reach this function."""
        if value.low > 1 or value.high < -1:
            raise ToolError("domain_error", "arcsine and arccosine need a number from -1 to 1")
        one = Interval(Decimal(1), Decimal(1))
        complement = self.multiply(self.add(one, value), self.add(one, self.negate(value)))
        if complement.low <= 0:
            raise Unresolved
        return self.atan(self.divide(value, self.sqrt(complement)))

    def _middle(self, value: Interval) -> tuple[Fraction, Decimal]:
        middle = self._near.divide(self._near.add(value.low, value.high), Decimal(2))
        radius = max(self._up.subtract(value.high, middle), self._up.subtract(middle, value.low))
        return Fraction(middle), radius

    def _scaled(self, value: int, bits: int, radius: Decimal) -> Interval:
        """The bounds (value ± MAX_ERROR) / 2**bits, widened by `radius`."""
        unit = Decimal(1 << bits)
        low = self._down.subtract(self._down.divide(Decimal(value - MAX_ERROR), unit), radius)
        return Interval(low, self._up.add(self._up.divide(Decimal(value + MAX_ERROR), unit), radius))

    def _around(self, low: Decimal, high: Decimal) -> Interval:
        return Interval(self._near.next_minus(low), self._near.next_plus(high))


UnaryOperation = Literal["negate", "absolute", "sqrt", "ln", "exp", "sin", "cos", "tan", "asin", "atan"]
BinaryOperation = Literal["add", "multiply", "divide"]

UNARY: Mapping[UnaryOperation, Callable[[IntervalArithmetic, Interval], Interval]] = {
    "negate": IntervalArithmetic.negate,
    "absolute": IntervalArithmetic.absolute,
    "sqrt": IntervalArithmetic.sqrt,
    "ln": IntervalArithmetic.ln,
    "exp": IntervalArithmetic.exp,
    "sin": IntervalArithmetic.sin,
    "cos": IntervalArithmetic.cos,
    "tan": IntervalArithmetic.tan,
    "asin": IntervalArithmetic.asin,
    "atan": IntervalArithmetic.atan,
}
BINARY: Mapping[BinaryOperation, Callable[[IntervalArithmetic, Interval, Interval], Interval]] = {
    "add": IntervalArithmetic.add,
    "multiply": IntervalArithmetic.multiply,
    "divide": IntervalArithmetic.divide,
}


def _context(digits: int, rounding: str) -> Context:
    return Context(prec=digits, rounding=rounding, Emin=MIN_EMIN, Emax=MAX_EMAX)


def _require_positive(value: Interval, otherwise: str) -> None:
    if value.high < 0:
        raise ToolError("domain_error", otherwise)
    if value.low <= 0:
        raise Unresolved
