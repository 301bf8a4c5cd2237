"""Antiderivatives by SymPy, rewritten in our grammar so that they hold on every side of a pole."""

from collections.abc import Iterator
from contextlib import suppress

import sympy
from sympy.integrals.manualintegrate import manualintegrate

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.deadline import within_search_time
from services.mcp.tools.pure.algebra.forms import tidied
from services.mcp.tools.pure.algebra.symbolic import symbol, text_of, to_sympy
from services.mcp.tools.pure.algebra.verification import require_antiderivative
from services.mcp.tools.pure.calculate.tree import Node

_INVERSES = (sympy.asinh, sympy.acosh, sympy.atanh, sympy.acoth)


def antiderivative(integrand: Node, variable: str) -> tuple[str, int]:
    """Verified antiderivative as text, and the points it was verified at. Raises ToolError(undecided)."""
    with within_search_time("an antiderivative"):
        for text in _candidates(to_sympy(integrand), symbol(variable)):
            try:
                return text, require_antiderivative(text, integrand, variable)
            except ToolError:
                continue
    raise ToolError("undecided", "no antiderivative in elementary functions was found that could be verified")


def _candidates(integrand: sympy.Expr, x: sympy.Symbol) -> Iterator[str]:
    """Yield texts, the best first: with ln|u| for ln(u), which holds where u is negative too."""
    for search in (manualintegrate, _integrate):
        found = search(integrand, x).rewrite(_INVERSES, sympy.log)
        if found.has(sympy.Integral):
            continue
        for form in (_with_absolute_logarithms(found, integrand), found):
            with suppress(ToolError):
                yield text_of(_without_constant(tidied(form), x))


def _integrate(integrand: sympy.Expr, x: sympy.Symbol) -> sympy.Expr:
    return sympy.integrate(integrand, x, meijerg=False)


def _with_absolute_logarithms(found: sympy.Expr, integrand: sympy.Expr) -> sympy.Expr:
    logs = integrand.atoms(sympy.log)
    return found.replace(
        lambda part: isinstance(part, sympy.log) and part not in logs and not part.args[0].is_positive,
        lambda part: sympy.log(sympy.Abs(part.args[0])),
    )


def _without_constant(found: sympy.Expr, x: sympy.Symbol) -> sympy.Expr:
    constant, rest = found.as_independent(x, as_Add=True)
    return rest if isinstance(found, sympy.Add) and rest != 0 and constant != 0 else found
