"""Equations with the variable inside one function only: inverted from the outside in, with every branch."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.costs import constant_value
from services.mcp.tools.pure.algebra.expressions import FUNCTIONS
from services.mcp.tools.pure.algebra.kernels import Branch, branches, minus, over, parts_of, sign_of
from services.mcp.tools.pure.algebra.lines import line_in
from services.mcp.tools.pure.algebra.polynomials import Polynomial, degree, without_roots_of
from services.mcp.tools.pure.algebra.rational import NotRational, difference, quotient_of
from services.mcp.tools.pure.algebra.roots import polynomial_roots
from services.mcp.tools.pure.calculate.grammar import parse
from services.mcp.tools.pure.calculate.tree import Negate, Node, Number, Power, Variable

_MAX_ORDER = 8
_UNSOLVED = "this kind of equation is not solved here"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value of the variable, and its period where it has one; still to be verified."""

    value: Node
    period: Node | None = None


def candidates(node: Node, target: Node) -> Iterator[Candidate]:
    """Yield every real x with node(x) = target, a constant; some may be none. Raises ToolError(undecided)."""
    if isinstance(node, Variable):
        yield Candidate(target)
        return
    parts = parts_of(node)
    if len(parts) != 1:
        raise ToolError("undecided", _UNSOLVED)
    (part,) = parts
    if part == node:
        for branch in branches(part, target):
            yield from _inside(branch)
        return
    for value in _values_of_part(node, target, part):
        yield from candidates(part, value)


def _inside(branch: Branch) -> Iterator[Candidate]:
    found = candidates(branch.inside, branch.value)
    if branch.period is None:
        yield from found
        return
    slope = _slope(branch.inside)
    for candidate in found:
        if candidate.period is not None:
            raise ToolError("undecided", _UNSOLVED)
        yield Candidate(candidate.value, over(branch.period, Number(abs(slope))))


def _slope(node: Node) -> Fraction:
    """Coefficient a of the a x + b in a periodic function. Raises ToolError(undecided) for others."""
    (part, *others) = parts_of(node)
    if others or not isinstance(part, Variable):
        raise ToolError("undecided", _UNSOLVED)
    line = _polynomial(node, part)
    if degree(line) != 1:
        raise ToolError("undecided", "a periodic function of something that is not linear is not solved here")
    return line[1]


def _values_of_part(node: Node, target: Node, part: Node) -> Iterator[Node]:
    """Yield the possible values of `part`.

    Rational equations have all their roots; others must be a part^n + b = target.
    """
    if constant_value(target) is not None:
        try:
            whole = quotient_of(difference(node, target), part)
            yield from exact_roots(without_roots_of(whole.numerator, whole.poles))
        except NotRational:
            yield from _irrational_roots(difference(node, target), part)
        return
    yield from _power_roots(_polynomial(node, part), target)


def _irrational_roots(node: Node, part: Node) -> Iterator[Node]:
    """Yield the possible values of `part` where a part^n + b = 0 with irrational a and b."""
    for order in range(1, _MAX_ORDER + 1):
        unit = part if order == 1 else Power(part, Number(Fraction(order)))
        try:
            line = line_in(node, unit)
        except NotRational:
            continue
        if sign_of(line.slope) == 0:
            raise ToolError("undecided", _UNSOLVED)
        pure = (Fraction(0), *(Fraction(0),) * (order - 1), Fraction(1))
        yield from _power_roots(pure, over(Negate(line.start), line.slope))
        return
    raise ToolError("undecided", _UNSOLVED)


def _power_roots(power: Polynomial, target: Node) -> Iterator[Node]:
    """Yield the possible values of a part where a part^n + b = target."""
    order = degree(power)
    if order < 1 or any(power[1:-1]):
        raise ToolError("undecided", _UNSOLVED)
    size = over(minus(target, Number(power[0])), Number(power[-1]))
    if order == 1:
        yield size
        return
    sign = sign_of(size)
    if sign == 0:
        yield Number(Fraction(0))
        return
    root = Power(size if sign > 0 else Negate(size), Number(Fraction(1, order)))
    if sign > 0:
        yield root
        if order % 2 == 0:
            yield Negate(root)
    elif order % 2:
        yield Negate(root)


def _polynomial(node: Node, part: Node) -> Polynomial:
    try:
        whole = quotient_of(node, part)
    except NotRational as error:
        raise ToolError("undecided", _UNSOLVED) from error
    if degree(whole.denominator) > 0:
        raise ToolError("undecided", _UNSOLVED)
    return tuple(coefficient / whole.denominator[0] for coefficient in whole.numerator)


def exact_roots(value: Polynomial) -> Iterator[Node]:
    """Yield the real roots as constants. Raises ToolError(undecided) for zero, and for roots without an exact form."""
    if degree(value) < 1:
        if not value:
            raise ToolError("undecided", _UNSOLVED)
        return
    for root in polynomial_roots(value).real:
        if root.exact is None:
            raise ToolError("undecided", "an intermediate value has no exact form here")
        yield parse(root.exact, FUNCTIONS)
