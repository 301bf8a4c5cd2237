"""Equations with other letters in them, solved for one: lines and quadratics whose coefficients are formulas."""

from dataclasses import dataclass

import sympy

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.forms import tidied
from services.mcp.tools.pure.algebra.symbolic import symbol, text_of, to_sympy
from services.mcp.tools.pure.algebra.verification import require_zero
from services.mcp.tools.pure.calculate.tree import Node

_UNSOLVED = "with other letters, only equations of degree 1 and 2 in the unknown are solved here"


@dataclass(frozen=True, slots=True)
class Formulas:
    """What the unknown is, and the terms that must not be zero for that."""

    values: tuple[str, ...]
    not_zero: tuple[str, ...]


def solved_for(whole: Node, variable: str) -> Formulas:
    """Formulas at which `whole` is zero, verified at sample numbers for all letters. Raises ToolError."""
    x = symbol(variable)
    numerator, denominator = sympy.fraction(sympy.together(to_sympy(whole)))
    terms = sympy.Poly(numerator, x)
    if terms.degree() not in (1, 2) or any(coefficient.has(x) for coefficient in terms.all_coeffs()):
        raise ToolError("undecided", _UNSOLVED)
    leading, *rest = terms.all_coeffs()
    values = tuple(text_of(tidied(value)) for value in _roots(leading, rest))
    for value in values:
        require_zero(value, whole, variable)
    conditions = (part for part in (leading, denominator) if part.free_symbols)
    return Formulas(values, tuple(dict.fromkeys(text_of(sympy.factor(part).as_coeff_Mul()[1]) for part in conditions)))


def _roots(leading: sympy.Expr, rest: list[sympy.Expr]) -> tuple[sympy.Expr, ...]:
    if len(rest) == 1:
        return (-rest[0] / leading,)
    middle, last = rest
    if middle == 0:
        root = sympy.sqrt(-last / leading)
        return -root, root
    root = sympy.sqrt(sympy.factor(middle**2 - 4 * leading * last))
    return (-middle - root) / (2 * leading), (-middle + root) / (2 * leading)
