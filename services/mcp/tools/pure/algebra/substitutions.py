"""Equations that become ones in a single function: powers of one base."""

from fractions import Fraction
from math import gcd, lcm

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.costs import constant_value
from services.mcp.tools.pure.algebra.expressions import is_constant, replaced
from services.mcp.tools.pure.algebra.kernels import E, parts_of
from services.mcp.tools.pure.algebra.polynomials import Polynomial, degree, scale
from services.mcp.tools.pure.algebra.rational import NotRational, quotient_of
from services.mcp.tools.pure.calculate.powers import integer_root
from services.mcp.tools.pure.calculate.tree import Call, Chain, Node, Number, Power, Variable

_MAX_BASE = 10**12
_UNSOLVED = "this kind of equation is not solved here"


def in_one_power(node: Node, variable: Variable) -> Node:
    """Write e^(2x), e^(-x), 4·2^(x+1) by powers of one b^(g x). Raises ToolError(undecided) where bases differ."""
    parts = {part: _exponential(part, variable) for part in parts_of(node)}
    bases = {base for base, _ in parts.values()}
    if len(bases) != 1:
        raise ToolError("undecided", _UNSOLVED)
    (base,) = bases
    slopes = [line[1] for _, line in parts.values()]
    step = Fraction(gcd(*(slope.numerator for slope in slopes)), lcm(*(slope.denominator for slope in slopes)))
    unit = Power(base, Chain(Number(step), (("*", variable),)))
    forms: dict[Node, Node] = {part: _written(line, base, unit, step) for part, (_, line) in parts.items()}
    return replaced(node, forms)


def _written(line: Polynomial, base: Node, unit: Power, step: Fraction) -> Node:
    """base^(line) as base^start * unit^n."""
    power: Node = Power(unit, Number(line[1] / step))
    return Chain(Power(base, Number(line[0])), (("*", power),)) if line[0] else power


def _exponential(part: Node, variable: Variable) -> tuple[Node, Polynomial]:
    if isinstance(part, Call) and part.name == "exp":
        return E, _line(part.arguments[0], variable)
    if isinstance(part, Power) and is_constant(part.base):
        base, times = _root_base(part.base)
        return base, scale(_line(part.exponent, variable), Fraction(times))
    raise ToolError("undecided", _UNSOLVED)


def _root_base(base: Node) -> tuple[Node, int]:
    """(r, n) with base = r^n, so that 4^x and 2^x are powers of one base."""
    value = constant_value(base)
    if value is None or value <= 0:
        return base, 1
    whole, sign = (value.numerator, 1) if value.denominator == 1 else (value.denominator, -1)
    if min(value.numerator, value.denominator) != 1 or whole > _MAX_BASE:
        return base, 1
    for exponent in range(whole.bit_length(), 1, -1):
        root = integer_root(whole, exponent)
        if root**exponent == whole:
            return Number(Fraction(root)), sign * exponent
    return Number(Fraction(whole)), sign


def _line(node: Node, variable: Variable) -> Polynomial:
    try:
        whole = quotient_of(node, variable)
    except NotRational as error:
        raise ToolError("undecided", _UNSOLVED) from error
    if degree(whole.numerator) != 1 or degree(whole.denominator) > 0:
        raise ToolError("undecided", _UNSOLVED)
    return tuple(coefficient / whole.denominator[0] for coefficient in whole.numerator)
