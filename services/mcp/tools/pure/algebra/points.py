"""Formulas at points: values and slopes in exact or certified arithmetic, the check of every SymPy result.

Slopes follow from the rules of differentiation applied to numbers (forward mode), so no derivative is ever written
down.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.expressions import is_constant, substituted
from services.mcp.tools.pure.calculate.algebra import ONE, ZERO, Algebra
from services.mcp.tools.pure.calculate.evaluation import evaluate_with
from services.mcp.tools.pure.calculate.intervals import Interval
from services.mcp.tools.pure.calculate.powers import logarithm, power, square_root
from services.mcp.tools.pure.calculate.tape import Value
from services.mcp.tools.pure.calculate.tree import Call, Chain, Negate, Node, Number, Operator, Postfix, Power, Variable
from services.mcp.tools.pure.calculate.trigonometry import cosine, sine

_NEAR = Decimal("1e-40")
_TWO = Fraction(2)


@dataclass(frozen=True, slots=True)
class Dual:
    """A value and its slope with respect to one variable."""

    value: Value
    slope: Value


@dataclass(frozen=True, slots=True)
class Point:
    """A number for every variable."""

    at: Mapping[str, Fraction]

    def value(self, algebra: Algebra, node: Node) -> Value:
        """Raises ToolError where the formula has no value."""
        numbers = {name: Number(number) for name, number in self.at.items()}
        return evaluate_with(algebra, substituted(node, numbers))

    def dual(self, algebra: Algebra, node: Node, variable: str) -> Dual:
        """Value and slope of a formula here. Raises ToolError where it has no value."""
        return _Slopes(algebra, self, variable).dual(node)


def agree(algebra: Algebra, left: Value, right: Value) -> bool:
    """Whether two values are equal: exactly, or to 40 digits in certified bounds. Raises ToolError."""
    difference = algebra.subtract(left, right)
    if isinstance(difference, Fraction):
        return difference == 0
    size = algebra.tape.decide(left, _size)

    def verdict(bounds: Interval) -> bool | None:
        if bounds.low > 0 or bounds.high < 0:
            return False
        return True if max(-bounds.low, bounds.high) < _NEAR * size else None

    return algebra.tape.decide(difference, verdict)


def _size(bounds: Interval) -> Decimal:
    return max(Decimal(1), abs(bounds.low), abs(bounds.high))


class _Slopes:
    def __init__(self, algebra: Algebra, point: Point, variable: str) -> None:
        self._a = algebra
        self._point = point
        self._variable = variable

    def dual(self, node: Node) -> Dual:
        if isinstance(node, Variable) and node.name == self._variable:
            return Dual(self._point.at[node.name], ONE)
        if is_constant(node) or isinstance(node, Variable):
            return Dual(self._point.value(self._a, node), ZERO)
        if isinstance(node, Negate):
            return self._times(Dual(-ONE, ZERO), self.dual(node.operand))
        if isinstance(node, Power):
            return self._raised(self.dual(node.base), self.dual(node.exponent))
        if isinstance(node, Call):
            return self._call(node)
        return self._chain(node) if isinstance(node, Chain) else self._postfix(node)

    def _chain(self, node: Chain) -> Dual:
        total = self.dual(node.first)
        for operator, operand in node.rest:
            total = self._combined(operator, total, self.dual(operand))
        return total

    def _combined(self, operator: Operator, left: Dual, right: Dual) -> Dual:
        if operator in ("*", "of"):
            return self._times(left, right)
        if operator == "/":
            return self._over(left, right)
        if operator not in ("+", "-"):
            raise ToolError("invalid_argument", f"{operator} has no slope")
        combine = self._a.add if operator == "+" else self._a.subtract
        return Dual(combine(left.value, right.value), combine(left.slope, right.slope))

    def _times(self, left: Dual, right: Dual) -> Dual:
        a = self._a
        slope = a.add(a.multiply(left.slope, right.value), a.multiply(left.value, right.slope))
        return Dual(a.multiply(left.value, right.value), slope)

    def _over(self, left: Dual, right: Dual) -> Dual:
        a = self._a
        quotient = a.divide(left.value, right.value)
        slope = a.divide(a.subtract(left.slope, a.multiply(quotient, right.slope)), right.value)
        return Dual(quotient, slope)

    def _raised(self, base: Dual, exponent: Dual) -> Dual:
        """b^n: n b^(n-1) b' for a constant n, else b^n (n' ln b + n b'/b)."""
        a = self._a
        value = power(a, base.value, exponent.value)
        if exponent.slope == ZERO:
            if base.slope == ZERO:
                return Dual(value, ZERO)
            outer = a.multiply(exponent.value, power(a, base.value, a.subtract(exponent.value, ONE)))
            return Dual(value, a.multiply(outer, base.slope))
        inner = a.multiply(exponent.slope, logarithm(a, base.value))
        if base.slope != ZERO:
            inner = a.add(inner, a.divide(a.multiply(exponent.value, base.slope), base.value))
        return Dual(value, a.multiply(value, inner))

    def _call(self, node: Call) -> Dual:
        arguments = [self.dual(argument) for argument in node.arguments]
        if node.name == "pow":
            return self._raised(*arguments)
        value = self._point.value(self._a, node)
        if node.name == "log" and len(arguments) == 2:
            logs = [Dual(logarithm(self._a, one.value), self._a.divide(one.slope, one.value)) for one in arguments]
            return self._over(*logs)
        outer = _SLOPES[node.name](self._a, arguments[0].value, value)
        return Dual(value, self._a.multiply(outer, arguments[0].slope))

    def _postfix(self, node: Node) -> Dual:
        if not isinstance(node, Postfix) or node.operator == "!":
            raise ToolError("invalid_argument", "this part has no slope")
        factor = self._point.value(self._a, Postfix(node.operator, Number(ONE)))
        return self._times(self.dual(node.operand), Dual(factor, ZERO))


def _arc_slope(algebra: Algebra, x: Value, sign: Fraction) -> Value:
    root = square_root(algebra, algebra.subtract(ONE, algebra.multiply(x, x)))
    return algebra.divide(sign, root)


def _log_slope(algebra: Algebra, x: Value, base: Fraction) -> Value:
    return algebra.divide(ONE, algebra.multiply(x, logarithm(algebra, base)))


# slope of each function from its argument x and its value y
_SLOPES: Mapping[str, Callable[[Algebra, Value, Value], Value]] = {
    "sqrt": lambda a, _, y: a.divide(ONE, a.multiply(_TWO, y)),
    "abs": lambda a, x, y: a.divide(x, y),
    "exp": lambda _a, _, y: y,
    "ln": lambda a, x, _: a.divide(ONE, x),
    "log": lambda a, x, _: a.divide(ONE, x),
    "log10": lambda a, x, _: _log_slope(a, x, Fraction(10)),
    "log2": lambda a, x, _: _log_slope(a, x, _TWO),
    "sin": lambda a, x, _: cosine(a, x),
    "cos": lambda a, x, _: a.negate(sine(a, x)),
    "tan": lambda a, _, y: a.add(ONE, a.multiply(y, y)),
    "asin": lambda a, x, _: _arc_slope(a, x, ONE),
    "acos": lambda a, x, _: _arc_slope(a, x, -ONE),
    "atan": lambda a, x, _: a.divide(ONE, a.add(ONE, a.multiply(x, x))),
}
