"""Definite integrals from an antiderivative, believed only if certified bounds of the integral agree."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

import sympy

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.approach import Side
from services.mcp.tools.pure.algebra.constants import Place, rounded_constant
from services.mcp.tools.pure.algebra.deadline import within_search_time
from services.mcp.tools.pure.algebra.enclosures import IntegralBounds, integral_bounds
from services.mcp.tools.pure.algebra.expressions import FUNCTIONS, parse_formula, substituted
from services.mcp.tools.pure.algebra.forms import shortest, tidied
from services.mcp.tools.pure.algebra.limit_of import verified_limit
from services.mcp.tools.pure.algebra.symbolic import symbol, text_of, to_sympy
from services.mcp.tools.pure.calculate.evaluation import evaluate
from services.mcp.tools.pure.calculate.grammar import parse
from services.mcp.tools.pure.calculate.intervals import Interval, Unresolved
from services.mcp.tools.pure.calculate.rendering import RoundedText
from services.mcp.tools.pure.calculate.tree import Chain, Node, Number

PIECES = (128, 512, 2_048)
_CLOSE = Decimal("1e-20")
_LITTLE = Fraction(1, 1_024)
_REACH = Fraction(8)  # of an integral to infinity, so much is compared; the rest is a verified limit
_WIDEST = Decimal("0.1")


Ends: TypeAlias = tuple[Place, Place]


@dataclass(frozen=True, slots=True)
class DefiniteIntegral:
    """The value as text and rounded, and the bounds of the part that was compared."""

    text: str
    rounded: RoundedText
    low: Decimal
    high: Decimal


def definite_integral(integrand: Node, antiderivative: str, variable: str, ends: Ends) -> DefiniteIntegral:
    """Integral from the first end to the second. Raises ToolError(undecided) if it is not verified.

    An antiderivative with a jump, or a pole between the ends, gives a difference outside the bounds.
    """
    tree = parse_formula(antiderivative, variable)
    inner = _finite(ends[0], ends[1]), _finite(ends[1], ends[0])
    try:
        bounds = _compared(integrand, tree, variable, inner)
    except (Unresolved, ToolError) as error:
        if isinstance(error, ToolError) and error.code not in ("domain_error", "division_by_zero"):
            raise
        inner = _drawn_in(*inner), _drawn_in(*reversed(inner))
        bounds = _compared_inside(integrand, tree, variable, inner)
    text = _difference(tree, variable, ends) if inner == ends else _improper(tree, variable, ends)
    return DefiniteIntegral(text, rounded_constant(text), bounds.low, bounds.high)


def _finite(end: Place, other: Place) -> Place:
    if end.tree is not None:
        return end
    if other.tree is None:
        return Place(Number(_REACH * end.sign), 0)
    return Place(Chain(other.tree, (("+", Number(_REACH * end.sign)),)), 0)


def _drawn_in(end: Place, other: Place) -> Place:
    """A place slightly closer to the other end."""
    if end.tree is None or other.tree is None:
        return end
    width = Chain(other.tree, (("-", end.tree),))
    return Place(Chain(end.tree, (("+", Chain(width, (("*", Number(_LITTLE)),))),)), 0)


def _difference(tree: Node, variable: str, ends: Ends) -> str:
    with within_search_time("the integral"):
        whole = to_sympy(tree)
        below, above = (whole.subs(symbol(variable), end.symbolic) for end in ends)
        value = above - below
        return text_of(shortest(tidied(value), sympy.expand(value)))


def _compared_inside(integrand: Node, tree: Node, variable: str, ends: Ends) -> IntegralBounds:
    try:
        return _compared(integrand, tree, variable, ends)
    except Unresolved as error:
        raise ToolError("undecided", "the integrand may have a pole between the bounds") from error


def _compared(integrand: Node, tree: Node, variable: str, ends: Ends) -> IntegralBounds:
    """Bound of the integral that hold the difference of the antiderivative. Raises Unresolved, ToolError."""
    start, end = (_interval(one.tree) for one in ends)
    values = [substituted(tree, {variable: one.tree}) for one in ends if one.tree is not None]
    interval = _interval(Chain(values[1], (("-", values[0]),)))
    for pieces in PIECES:
        bounds = integral_bounds(integrand, start, end, pieces)
        if not bounds.low <= interval.high or not interval.low <= bounds.high:
            break
        if bounds.high - bounds.low < _WIDEST * max(Decimal(1), abs(interval.low), bounds.size):
            return bounds
    raise ToolError("undecided", "the value could not be verified by bounds of the integral")


def _improper(tree: Node, variable: str, ends: Ends) -> str:
    below = verified_limit(tree, variable, ends[0], _inside(ends[0], ends[1]))
    above = verified_limit(tree, variable, ends[1], _inside(ends[1], ends[0]))
    if "oo" in below + above:
        raise ToolError("domain_error", "the integral does not converge")
    with within_search_time("the integral"):
        return text_of(tidied(to_sympy(parse(above, FUNCTIONS)) - to_sympy(parse(below, FUNCTIONS))))


def _inside(end: Place, other: Place) -> Side:
    """Side of an end on which the other one lies."""
    if end.tree is None or other.tree is None:
        return "right" if other.sign > 0 or end.sign < 0 else "left"
    return "right" if _interval(other.tree).low > _interval(end.tree).low else "left"


def _interval(node: Node | None) -> Interval:
    if node is None:
        raise ToolError("invalid_argument", "a finite bound is needed")
    evaluation = evaluate(node)
    return evaluation.tape.decide(evaluation.value, _narrow)


def _narrow(interval: Interval) -> Interval | None:
    size = max(Decimal(1), abs(interval.high))
    return interval if interval.high - interval.low < _CLOSE * size else None
