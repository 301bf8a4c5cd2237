"""Equal forms of an expression, and the shortest of them."""

from collections.abc import Callable

import sympy
from sympy.core.cache import clear_cache

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.symbolic import text_of

_CHEAP: tuple[Callable[[sympy.Expr], sympy.Expr], ...] = (sympy.factor_terms, sympy.cancel, sympy.factor)


def shortest(*expressions: sympy.Expr) -> sympy.Expr:
    """Expression with the shortest text; the first of equals. Raises ToolError if none can be written."""
    written = [(len(text), place) for place, one in enumerate(expressions) if (text := _text(one)) is not None]
    if not written:
        raise ToolError("undecided", "there is no closed form in elementary functions here")
    return expressions[min(written)[1]]


def tidied(expression: sympy.Expr) -> sympy.Expr:
    """Shortest of a few forms that are cheap to find."""
    return shortest(expression, *(form(expression) for form in _CHEAP))


def forget() -> None:
    """Clear SymPy's caches: a worker's memory does not grow with its calls."""
    clear_cache()


def _text(expression: sympy.Expr) -> str | None:
    try:
        return text_of(expression)
    except ToolError:
        return None
