"""How a formula behaves near a place: the numbers by which a limit is believed or not."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.constants import Place
from services.mcp.tools.pure.algebra.expressions import substituted
from services.mcp.tools.pure.calculate.algebra import Algebra
from services.mcp.tools.pure.calculate.evaluation import evaluate_with
from services.mcp.tools.pure.calculate.intervals import Interval
from services.mcp.tools.pure.calculate.tree import Chain, Node, Number, Operator

Side = Literal["left", "right"]

_STEPS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256, 512)
_FAR = (4, 7, 10, 15, 20, 30, 50, *(10**step for step in _STEPS[1:]))
_NEAR = tuple(Fraction(1, 10**step) for step in _STEPS)
_CLOSE = Decimal("0.001")
_NOTHING = Decimal("1e-60")  # below this, only the width of the bounds is visible
_SHRINK = Decimal("0.75")  # 1/ln(x) halves from one point to the next; a sequence with another limit does not
_LARGE = Decimal(5)
_LAST = 3


def approaches(node: Node, variable: str, place: Place, side: Side, target: Node | None) -> bool:
    """Whether values near the place approach the target; None: they grow beyond every bound.

    The last value is at a distance of 10^-512 (or at 10^512); values that cannot be computed are skipped.
    """
    distances = list(_distances(node, variable, place, side, target))
    if len(distances) < _LAST:
        return False
    last = distances[-_LAST:]
    if target is None:
        return last[0] < last[1] < last[2] and last[2] > _LARGE
    closer = all(after < max(before * _SHRINK, _NOTHING) for before, after in pairwise(last))
    return closer and last[-1] < _CLOSE


def is_defined(node: Node, variable: str, place: Place, side: Side) -> bool:
    """Whether the formula has a value at any of the points on that side."""
    for near in _places(place, side):
        try:
            evaluate_with(Algebra(), substituted(node, {variable: near}))
        except ToolError as error:
            if error.code in ("domain_error", "division_by_zero"):
                continue
        return True
    return False


def grows(node: Node, variable: str, place: Place, side: Side, sign: int) -> bool:
    """Whether values near the place grow beyond every bound, above (1) or below (-1) zero."""
    signed = node if sign > 0 else Chain(Number(Fraction(0)), (("-", node),))
    return approaches(signed, variable, place, side, None)


def _distances(node: Node, variable: str, place: Place, side: Side, target: Node | None) -> Iterator[Decimal]:
    for near in _places(place, side):
        algebra = Algebra()
        try:
            value = evaluate_with(algebra, substituted(node, {variable: near}))
            if target is None:
                yield algebra.tape.decide(value, _narrow).low
                continue
            goal = evaluate_with(algebra, target)
            bounds = algebra.tape.decide(algebra.subtract(value, goal), _narrow)
            size = algebra.tape.decide(goal, _narrow)
        except ToolError:
            continue
        yield max(abs(bounds.low), abs(bounds.high)) / max(Decimal(1), abs(size.high))


def _narrow(interval: Interval) -> Interval | None:
    """Interval if it is narrow for a number of its size; None if more digits are needed."""
    size = max(Decimal(1), abs(interval.low), abs(interval.high))
    return interval if interval.high - interval.low < _NOTHING * size else None


def _places(place: Place, side: Side) -> Iterator[Node]:
    """Yield places ever closer to the one, or ever farther out."""
    if place.tree is None:
        yield from (Number(Fraction(place.sign * far)) for far in _FAR)
    else:
        operator: Operator = "-" if side == "left" else "+"
        yield from (Chain(place.tree, ((operator, Number(near)),)) for near in _NEAR)
