"""Results are parsed back from their printed text and compared at rational points before they are returned."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Literal

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.expressions import parse_formula, substituted, variables_of
from services.mcp.tools.pure.algebra.points import Point, agree
from services.mcp.tools.pure.calculate.algebra import Algebra
from services.mcp.tools.pure.calculate.tape import Value
from services.mcp.tools.pure.calculate.tree import Node

LEAST_POINTS = 4
_NUMBERS = tuple(
    Fraction(*pair)
    for pair in (
        (1, 3),
        (-1, 3),
        (5, 4),
        (-5, 4),
        (2, 7),
        (-3, 5),
        (9, 4),
        (-9, 4),
        (17, 5),
        (-17, 5),
        (7, 10),
        (31, 6),
        (101, 9),
        (-101, 9),
        (45, 2),
        (301, 3),
        (10_001, 7),
    )
)
Verdict = Literal["equal", "different", "undefined"]


def sample_points(names: Iterable[str]) -> tuple[Point, ...]:
    """Points at which every name has a number of its own."""
    ordered = sorted(names)
    size = len(_NUMBERS)
    return tuple(
        Point({name: _NUMBERS[(i + 5 * place) % size] for place, name in enumerate(ordered)}) for i in range(size)
    )


def require_same_values(formula: str, truth: Node, variable: str) -> int:
    """Number of points at which the printed formula equals the true one. Raises ToolError(undecided)."""
    tree = parse_formula(formula, variable)
    return _agreements(
        variables_of(tree) | variables_of(truth),
        lambda algebra, point: (point.value(algebra, tree), point.value(algebra, truth)),
    )


def require_zero(formula: str, whole: Node, variable: str) -> int:
    """Number of points at which a formula is zero with `formula` for the variable. Raises ToolError(undecided).

    A solution that leads to a division by zero is none: other missing values come from a root's sign.
    """
    tree = substituted(whole, {variable: parse_formula(formula, variable)})

    def pair(algebra: Algebra, point: Point) -> tuple[Value, Value]:
        try:
            return point.value(algebra, tree), Fraction(0)
        except ToolError as error:
            if error.code == "division_by_zero":
                return Fraction(1), Fraction(0)
            raise

    return _agreements(variables_of(tree), pair)


def require_slope(formula: str, function: Node, variable: str) -> int:
    """Number of points at which the printed formula is the slope of the function. Raises ToolError(undecided)."""
    tree = parse_formula(formula, variable)
    return _agreements(
        variables_of(tree) | variables_of(function) | {variable},
        lambda algebra, point: (point.value(algebra, tree), point.dual(algebra, function, variable).slope),
    )


def require_antiderivative(formula: str, integrand: Node, variable: str) -> int:
    """Number of points at which the slope of the printed formula is the integrand. Raises ToolError(undecided)."""
    tree = parse_formula(formula, variable)
    return _agreements(
        variables_of(tree) | variables_of(integrand) | {variable},
        lambda algebra, point: (point.value(algebra, integrand), point.dual(algebra, tree, variable).slope),
    )


def _agreements(names: Iterable[str], pair: Callable[[Algebra, Point], tuple[Value, Value]]) -> int:
    verdicts = [_verdict(point, pair) for point in sample_points(names)]
    agreed = verdicts.count("equal")
    if "different" in verdicts or agreed < LEAST_POINTS:
        raise ToolError("undecided", f"the result could not be verified at {LEAST_POINTS} points of the domain")
    return agreed


def _verdict(point: Point, pair: Callable[[Algebra, Point], tuple[Value, Value]]) -> Verdict:
    algebra = Algebra()
    try:
        left, right = pair(algebra, point)
        return "equal" if agree(algebra, left, right) else "different"
    except ToolError:
        return "undefined"
