"""Formulas as a part + b with constants a and b, which may be irrational."""

from dataclasses import dataclass
from fractions import Fraction

from services.mcp.tools.pure.algebra.expressions import is_constant
from services.mcp.tools.pure.algebra.rational import NotRational
from services.mcp.tools.pure.calculate.tree import Chain, Negate, Node, Number, Operator, Postfix

_ZERO, _ONE = Number(Fraction(0)), Number(Fraction(1))


@dataclass(frozen=True, slots=True)
class Line:
    """slope * part + start."""

    slope: Node
    start: Node


def line_in(node: Node, part: Node) -> Line:
    """Formula as a line in `part`. Raises NotRational if it is none."""
    if node == part:
        return Line(_ONE, _ZERO)
    if is_constant(node):
        return Line(_ZERO, node)
    if isinstance(node, Negate):
        inner = line_in(node.operand, part)
        return Line(Negate(inner.slope), Negate(inner.start))
    if isinstance(node, Postfix) and node.operator != "!":
        inner = line_in(node.operand, part)
        return Line(Postfix(node.operator, inner.slope), Postfix(node.operator, inner.start))
    if not isinstance(node, Chain):
        raise NotRational
    total = line_in(node.first, part)
    for operator, operand in node.rest:
        total = _combined(operator, total, line_in(operand, part))
    return total


def _combined(operator: Operator, left: Line, right: Line) -> Line:
    if operator in ("+", "-"):
        return Line(_joined(left.slope, operator, right.slope), _joined(left.start, operator, right.start))
    if operator in ("*", "of", "/") and right.slope == _ZERO:
        return Line(_joined(left.slope, operator, right.start), _joined(left.start, operator, right.start))
    if operator in ("*", "of") and left.slope == _ZERO:
        return Line(_joined(left.start, "*", right.slope), _joined(left.start, "*", right.start))
    raise NotRational


def _joined(left: Node, operator: Operator, right: Node) -> Node:
    if operator in ("+", "-") and right == _ZERO:
        return left
    if operator in ("*", "/", "of") and left == _ZERO:
        return _ZERO
    return Chain(left, ((operator, right),))
