"""Certified bounds of a definite integral: the range of the integrand on short pieces, in interval arithmetic."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from services.mcp.contract import ToolError
from services.mcp.tools.pure.calculate.intervals import UNARY, Interval, IntervalArithmetic, UnaryOperation, Unresolved
from services.mcp.tools.pure.calculate.tree import Call, Chain, Constant, Negate, Node, Number, Operator, Postfix, Power

_DIGITS = 24
_ZERO = Decimal(0)
_NAMES: Mapping[str, UnaryOperation] = {
    "abs": "absolute",
    "exp": "exp",
    "ln": "ln",
    "log": "ln",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "asin": "asin",
    "atan": "atan",
}


@dataclass(frozen=True, slots=True)
class IntegralBounds:
    """low <= integral <= high, and the integral of the size of the integrand is at most `size`."""

    low: Decimal
    high: Decimal
    size: Decimal


def integral_bounds(integrand: Node, low: Interval, high: Interval, pieces: int) -> IntegralBounds:
    """Bound of the integral over the one variable from `low` to `high`, and of that of its size.

    Raises Unresolved where the integrand may have a pole or leave its domain, and ToolError where it does.
    """
    arithmetic = IntervalArithmetic(_DIGITS)
    width = arithmetic.divide(arithmetic.add(high, arithmetic.negate(low)), Interval(Decimal(pieces), Decimal(pieces)))
    total = size = Interval(_ZERO, _ZERO)
    for piece in range(pieces):
        start = arithmetic.add(low, arithmetic.multiply(width, _point(piece)))
        end = arithmetic.add(low, arithmetic.multiply(width, _point(piece + 1)))
        span = Interval(min(start.low, end.low), max(start.high, end.high))
        height = _Range(arithmetic, span).of(integrand)
        total = arithmetic.add(total, arithmetic.multiply(width, height))
        size = arithmetic.add(size, arithmetic.absolute(arithmetic.multiply(width, height)))
    return IntegralBounds(total.low, total.high, size.high)


def _point(number: int) -> Interval:
    return Interval(Decimal(number), Decimal(number))


class _Range:
    """The range of formulas while every variable runs through one interval."""

    def __init__(self, arithmetic: IntervalArithmetic, span: Interval) -> None:
        self._a = arithmetic
        self._span = span

    def of(self, node: Node) -> Interval:
        if isinstance(node, Number):
            return self._a.fraction(node.value)
        if isinstance(node, Constant):
            return self._a.pi() if node.name == "pi" else self._a.exp(_point(1))
        if isinstance(node, Chain):
            return self._chain(node)
        if isinstance(node, Power):
            return self._power(node)
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, Negate):
            return self._a.negate(self.of(node.operand))
        return self._postfix(node) if isinstance(node, Postfix) else self._span

    def _chain(self, node: Chain) -> Interval:
        total = self.of(node.first)
        for operator, operand in node.rest:
            total = self._combined(operator, total, self.of(operand))
        return total

    def _combined(self, operator: Operator, left: Interval, right: Interval) -> Interval:
        if operator in ("+", "-"):
            return self._a.add(left, right if operator == "+" else self._a.negate(right))
        if operator in ("*", "of"):
            return self._a.multiply(left, right)
        if operator == "/":
            return self._a.divide(left, right)
        raise Unresolved

    def _power(self, node: Power) -> Interval:
        base, exponent = self.of(node.base), node.exponent
        if isinstance(exponent, Negate) and isinstance(exponent.operand, Number):
            return self._a.divide(_point(1), self._power(Power(node.base, exponent.operand)))
        if isinstance(exponent, Number) and exponent.value.denominator == 1:
            return self._integer_power(base, exponent.value.numerator)
        return self._a.exp(self._a.multiply(self._a.ln(base), self.of(exponent)))

    def _integer_power(self, base: Interval, exponent: int) -> Interval:
        """An even power is one of the size, so that it never seems to be negative."""
        base = self._a.absolute(base) if exponent % 2 == 0 else base
        result = _point(1)
        for _ in range(exponent):
            result = self._a.multiply(result, base)
        return result

    def _call(self, node: Call) -> Interval:
        arguments = [self.of(argument) for argument in node.arguments]
        if node.name == "sqrt":
            return self._root(arguments[0])
        if node.name in ("log10", "log2"):
            arguments.append(_point(10 if node.name == "log10" else 2))
        if node.name in ("log", "log10", "log2") and len(arguments) == 2:
            return self._a.divide(self._a.ln(arguments[0]), self._a.ln(arguments[1]))
        if node.name == "acos":
            half_turn = self._a.divide(self._a.pi(), _point(2))
            return self._a.add(half_turn, self._a.negate(self._a.asin(arguments[0])))
        if node.name not in _NAMES:
            raise Unresolved
        return UNARY[_NAMES[node.name]](self._a, arguments[0])

    def _root(self, value: Interval) -> Interval:
        """The root where there is one: an interval that reaches below zero belongs to the edge of the domain."""
        if value.high < 0:
            raise ToolError("domain_error", "the integrand is not real everywhere between the bounds")
        if value.high == 0:
            return _point(0)
        high = self._a.sqrt(Interval(value.high, value.high)).high
        return Interval(self._a.sqrt(value).low if value.low > 0 else _ZERO, high)

    def _postfix(self, node: Postfix) -> Interval:
        operand = self.of(node.operand)
        if node.operator == "%":
            return self._a.divide(operand, _point(100))
        if node.operator == "deg":
            return self._a.divide(self._a.multiply(operand, self._a.pi()), _point(180))
        raise Unresolved
