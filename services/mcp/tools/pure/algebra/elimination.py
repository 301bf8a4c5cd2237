"""Equations with roots and absolute values: resultants eliminate these; extraneous roots are removed later."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

import sympy

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.costs import MAX_DEGREE, constant_value, exceeded
from services.mcp.tools.pure.algebra.expressions import is_constant, replaced
from services.mcp.tools.pure.algebra.kernels import parts_of
from services.mcp.tools.pure.algebra.polynomials import Polynomial, polynomial
from services.mcp.tools.pure.algebra.symbolic import symbol, to_sympy
from services.mcp.tools.pure.calculate.tree import Call, Node, Power, Variable

_MAX_PARTS = 3
_UNSOLVED = "this kind of equation is not solved here"


def without_radicals(node: Node, variable: str) -> Polynomial:
    """Polynomial that is zero wherever the formula is. Raises ToolError(undecided) for other functions."""
    radicals = tuple(dict.fromkeys(_radicals(node)))
    if len(radicals) > _MAX_PARTS:
        raise exceeded("roots and absolute values", _MAX_PARTS)
    names: Mapping[Node, Node] = {radical: Variable(f"u{i}") for i, radical in enumerate(radicals)}
    current = _numerator(to_sympy(replaced(node, names)))
    for i, radical in enumerate(radicals):
        name = symbol(f"u{i}")
        if current.has(name):
            current = sympy.expand(sympy.resultant(current, _relation(radical, name, names), name))
    try:
        whole = sympy.Poly(current, symbol(variable), domain=sympy.QQ)
    except sympy.PolynomialError as error:
        raise ToolError("undecided", _UNSOLVED) from error
    if whole.degree() > MAX_DEGREE:
        raise exceeded("degree", MAX_DEGREE)
    return polynomial(Fraction(str(coefficient)) for coefficient in reversed(whole.all_coeffs()))


def _radicals(node: Node) -> Iterator[Node]:
    """Yield roots and absolute values, the outer before the inner. Raises ToolError(undecided) for other functions."""
    for part in sorted(parts_of(node), key=repr):
        if isinstance(part, Variable):
            continue
        yield part
        yield from _radicals(_inside(part))


def is_radical(part: Node) -> bool:
    """Whether a part is a root, a rational power or an absolute value."""
    if isinstance(part, Call):
        return part.name in ("sqrt", "abs")
    return isinstance(part, Power) and is_constant(part.exponent) and constant_value(part.exponent) is not None


def _inside(part: Node) -> Node:
    if not is_radical(part) or not isinstance(part, Call | Power):
        raise ToolError("undecided", _UNSOLVED)
    return part.arguments[0] if isinstance(part, Call) else part.base


def _relation(radical: Node, name: sympy.Symbol, names: Mapping[Node, Node]) -> sympy.Expr:
    """Polynomial in the name of the radical and its inside that is zero: u^2 - a for u = sqrt(a)."""
    inside = to_sympy(replaced(_inside(radical), names))
    if isinstance(radical, Power):
        exponent = constant_value(radical.exponent) or Fraction(1)
        return _numerator(name**exponent.denominator - inside**exponent.numerator)
    is_root = isinstance(radical, Call) and radical.name == "sqrt"
    return _numerator(name**2 - (inside if is_root else inside**2))


def _numerator(expression: sympy.Expr) -> sympy.Expr:
    return sympy.fraction(sympy.together(expression))[0]
