"""Sums of logarithms of one base as the equation between products that follows from them."""

from fractions import Fraction
from functools import reduce

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.costs import constant_value
from services.mcp.tools.pure.algebra.expressions import is_constant
from services.mcp.tools.pure.algebra.kernels import minus
from services.mcp.tools.pure.calculate.tree import Call, Chain, Negate, Node, Number, Power

_UNSOLVED = "this kind of equation is not solved here"
_BASES = {"log10": Fraction(10), "log2": Fraction(2)}
_ONE: Node = Number(Fraction(1))
_MAX_TIMES = 8


def is_logarithm(part: Node) -> bool:
    return isinstance(part, Call) and part.name in ("ln", "log", "log10", "log2")


def without_logarithms(node: Node) -> Node:
    """a^m b^n … - base^c for m log a + n log b … - c = 0. Raises ToolError(undecided) for other equations.

    Every solution of the equation solves this one; the converse needs a check.
    """
    terms: dict[Node, int] = {}
    bases: set[Fraction | None] = set()
    constant = _collected(node, 1, terms, bases)
    if len(bases) != 1:
        raise ToolError("undecided", _UNSOLVED)
    (base,) = bases
    if base is None and constant:
        raise ToolError("undecided", _UNSOLVED)
    above = reduce(_times, [_power(inside, times) for inside, times in terms.items() if times > 0], _ONE)
    below = reduce(_times, [_power(inside, -times) for inside, times in terms.items() if times < 0], _ONE)
    if constant.denominator != 1 or abs(constant) > 64:
        raise ToolError("undecided", _UNSOLVED)
    factor = Number((base or Fraction(1)) ** -constant.numerator)
    return minus(above, _times(factor, below))


def _collected(node: Node, sign: int, terms: dict[Node, int], bases: set[Fraction | None]) -> Fraction:
    """Add `sign` times the formula to the terms; return its constant part."""
    if is_constant(node) and (value := constant_value(node)) is not None:
        return sign * value
    if isinstance(node, Negate):
        return _collected(node.operand, -sign, terms, bases)
    if isinstance(node, Call) and is_logarithm(node):
        inside, base = _read(node)
        bases.add(base)
        terms[inside] = terms.get(inside, 0) + sign
        return Fraction(0)
    if not isinstance(node, Chain):
        raise ToolError("undecided", _UNSOLVED)
    if node.rest[0][0] in ("+", "-"):
        total = _collected(node.first, sign, terms, bases)
        for operator, operand in node.rest:
            total += _collected(operand, sign if operator == "+" else -sign, terms, bases)
        return total
    return _multiple(node, sign, terms, bases)


def _multiple(node: Chain, sign: int, terms: dict[Node, int], bases: set[Fraction | None]) -> Fraction:
    """Read 3 log(a) as a term that counts three times."""
    ((operator, operand), *more) = node.rest
    if operator != "*" or more or not is_constant(node.first):
        raise ToolError("undecided", _UNSOLVED)
    times = constant_value(node.first)
    if times is None or times.denominator != 1 or abs(sign * times) > _MAX_TIMES:
        raise ToolError("undecided", _UNSOLVED)
    return _collected(operand, sign * times.numerator, terms, bases)


def _read(node: Call) -> tuple[Node, Fraction | None]:
    """Inside and the base; None is e."""
    if len(node.arguments) == 2:
        base = constant_value(node.arguments[1]) if is_constant(node.arguments[1]) else None
        if base is None:
            raise ToolError("undecided", _UNSOLVED)
        return node.arguments[0], base
    return node.arguments[0], _BASES.get(node.name)


def _power(base: Node, exponent: int) -> Node:
    return base if exponent == 1 else Power(base, Number(Fraction(exponent)))


def _times(left: Node, right: Node) -> Node:
    return Chain(left, (("*", right),))
