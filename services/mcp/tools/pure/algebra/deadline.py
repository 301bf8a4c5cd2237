"""A limit on the CPU time of a search by SymPy, and the meaning of its failures."""

from collections.abc import Iterator
from contextlib import contextmanager

from sympy import PoleError
from sympy.polys.polyerrors import BasePolynomialError

from services.mcp.contract import Limit, ToolError
from services.mcp.tools.pure.deadline import CALL_TIME, Overdue, interrupted_after

SEARCH_MS = 1_200
TIME_LIMITS = (Limit(name="search_time", value=SEARCH_MS, unit="ms"), CALL_TIME)

# raised by SymPy, beside errors of its own, on formulas that its algorithms do not support
_LIBRARY_ERRORS = (
    BasePolynomialError,
    PoleError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


@contextmanager
def within_search_time(what: str) -> Iterator[None]:
    """Raise ToolError(undecided) where SymPy fails, or needs more than `SEARCH_MS` of CPU time."""
    try:
        with interrupted_after(SEARCH_MS):
            yield
    except Overdue as error:
        raise ToolError("undecided", f"{what}: not found within the limit of {SEARCH_MS:,} ms") from error
    except ToolError:
        raise
    except _LIBRARY_ERRORS as error:
        raise ToolError("undecided", f"{what}: the search failed on this formula") from error
