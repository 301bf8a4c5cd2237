"""Formulas as quotients of polynomials in one part of them: the variable, or a function such as sin(2x)."""

from dataclasses import dataclass
from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.costs import MAX_DEGREE, constant_value, exceeded
from services.mcp.tools.pure.algebra.expressions import is_constant
from services.mcp.tools.pure.algebra.polynomials import (
    IDENTITY,
    ONE,
    Polynomial,
    add,
    common_divisor,
    degree,
    divide,
    multiply,
    polynomial,
    power,
    scale,
)
from services.mcp.tools.pure.calculate.tree import Call, Chain, Negate, Node, Number, Operator, Postfix, Power


@dataclass(frozen=True, slots=True)
class Quotient:
    """numerator / denominator; `poles` is zero wherever the formula divides by zero, cancelled or not."""

    numerator: Polynomial
    denominator: Polynomial
    poles: Polynomial


class NotRational(Exception):
    """The formula is no quotient of polynomials with rational coefficients in that part."""


def quotient_of(node: Node, part: Node) -> Quotient:
    """Formula as a quotient in `part`. Raises NotRational, and ToolError beyond the cost limits."""
    if node == part:
        return Quotient(IDENTITY, ONE, ONE)
    if is_constant(node):
        value = constant_value(node)
        if value is None:
            raise NotRational
        return Quotient(polynomial([value]), ONE, ONE)
    if isinstance(node, Chain):
        total = quotient_of(node.first, part)
        for operator, operand in node.rest:
            _refuse_added_percentage(operator, operand)
            total = _combined(operator, total, quotient_of(operand, part))
        return total
    return _smaller(node, part)


def _smaller(node: Node, part: Node) -> Quotient:
    if isinstance(node, Negate):
        return _scaled(quotient_of(node.operand, part), Fraction(-1))
    if isinstance(node, Postfix) and node.operator == "%":
        return _scaled(quotient_of(node.operand, part), Fraction(1, 100))
    if isinstance(node, Call) and node.name == "pow" and len(node.arguments) == 2:
        return _raised(Power(*node.arguments), part)
    if isinstance(node, Power):
        return _raised(node, part)
    raise NotRational


def integer_exponent(node: Power) -> int | None:
    """Exponent where it is a constant integer."""
    value = constant_value(node.exponent) if is_constant(node.exponent) else None
    return value.numerator if value is not None and value.denominator == 1 else None


def _raised(node: Power, part: Node) -> Quotient:
    exponent = integer_exponent(node)
    if exponent is None:
        raise NotRational
    base = quotient_of(node.base, part)
    if exponent < 0:
        base = _combined("/", Quotient(ONE, ONE, ONE), base)
    times = abs(exponent)
    if times * max(degree(base.numerator), degree(base.denominator), 1) > MAX_DEGREE:
        raise exceeded("degree", MAX_DEGREE)
    return Quotient(power(base.numerator, times), power(base.denominator, times), base.poles)


def _scaled(value: Quotient, factor: Fraction) -> Quotient:
    return Quotient(scale(value.numerator, factor), value.denominator, value.poles)


def _combined(operator: Operator, left: Quotient, right: Quotient) -> Quotient:
    if operator in ("+", "-"):
        right = right if operator == "+" else _scaled(right, Fraction(-1))
        numerator = add(multiply(left.numerator, right.denominator), multiply(right.numerator, left.denominator))
        return _checked(numerator, multiply(left.denominator, right.denominator), _joined(left.poles, right.poles))
    if operator in ("*", "of"):
        numerator, denominator = (
            multiply(left.numerator, right.numerator),
            multiply(left.denominator, right.denominator),
        )
        return _checked(numerator, denominator, _joined(left.poles, right.poles))
    if operator != "/":
        raise ToolError("invalid_argument", f"{operator} has no place in algebra: use + - * / ^")
    if not right.numerator:
        raise ToolError("division_by_zero", "division by zero")
    poles = _joined(_joined(left.poles, right.poles), right.numerator)
    return _checked(multiply(left.numerator, right.denominator), multiply(left.denominator, right.numerator), poles)


def _checked(numerator: Polynomial, denominator: Polynomial, poles: Polynomial) -> Quotient:
    if max(degree(numerator), degree(denominator), degree(poles)) > MAX_DEGREE:
        raise exceeded("degree", MAX_DEGREE)
    return Quotient(numerator, denominator, poles)


def _joined(left: Polynomial, right: Polynomial) -> Polynomial:
    """Polynomial with the roots of both."""
    return multiply(left, divide(right, common_divisor(left, right))[0])


def _refuse_added_percentage(operator: Operator, operand: Node) -> None:
    if operator in ("+", "-") and isinstance(operand, Postfix) and operand.operator == "%":
        raise ToolError("ambiguous", "a percentage that is added to a formula: write * (1 + p/100)")


def difference(left: Node, right: Node | None) -> Node:
    return left if right is None or right == Number(Fraction(0)) else Chain(left, (("-", right),))
