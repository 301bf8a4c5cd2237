"""No solution is missing: wherever a random formula changes its sign, `solve_equation` has a solution or rejects."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import JsonValue

from services.mcp.contract import ToolError
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness

SEED = 20_260_204
EQUATIONS = 400
LOW, HIGH, STEPS = -12.0031, 12.0047, 3_000


@dataclass(frozen=True)
class Left:
    """The left side of an equation as text and as a function of floats."""

    text: str
    value: Callable[[float], float]


def left_side(source: random.Random, depth: int) -> Left:
    """Random formula of roots, absolute values, squares, sums and products."""
    if depth == 0 or source.random() < 0.15:
        number = source.randint(-5, 5)
        return Left("x", lambda x: x) if source.random() < 0.7 else Left(f"({number})", lambda _: float(number))
    inner = left_side(source, depth - 1)
    kind = source.choice(("sqrt", "abs", "square", "+", "+", "-", "-", "*", "*"))
    if kind == "square":
        return Left(f"({inner.text})^2", lambda x: inner.value(x) ** 2)
    if kind in ("sqrt", "abs"):
        function = math.sqrt if kind == "sqrt" else abs
        return Left(f"{kind}({inner.text})", lambda x: function(inner.value(x)))
    return _joined(inner, kind, left_side(source, depth - 1))


def _joined(left: Left, sign: str, right: Left) -> Left:
    def value(x: float) -> float:
        a, b = left.value(x), right.value(x)
        return a + b if sign == "+" else a - b if sign == "-" else a * b

    return Left(f"({left.text}) {sign} ({right.text})", value)


def finite(left: Left, x: float) -> float | None:
    try:
        return left.value(x)
    except (ValueError, OverflowError):
        return None


def sign_changes(left: Left) -> list[float]:
    """Sign changes between LOW and HIGH, to nine digits."""
    places = [LOW + (HIGH - LOW) * step / STEPS for step in range(STEPS + 1)]
    values = [finite(left, x) for x in places]
    steps = zip(places, places[1:], values, values[1:], strict=False)
    return [_narrowed(left, a, b) for a, b, at_a, at_b in steps if at_a is not None and at_b and at_a * at_b < 0]


def _narrowed(left: Left, low: float, high: float) -> float:
    at_low = left.value(low)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if left.value(middle) * at_low > 0 else (low, middle)
    return high


def told(result: dict[str, JsonValue]) -> list[float]:
    assert isinstance(result["solutions"], list)
    return [float(str(one["rounded"])) for one in result["solutions"] if isinstance(one, dict) and one["is_real"]]


def outcome(left: Left) -> dict[str, JsonValue] | None:
    try:
        return invoke("solve_equation", {"equation": f"{left.text} = 0"}).result
    except ToolError:
        return None


def test_every_change_of_sign_is_told_and_everything_told_is_a_zero(exact: Exactness) -> None:
    source = random.Random(SEED)
    sides = [left_side(source, 3) for _ in exact.cases("solve_equation", EQUATIONS)]
    answered = 0
    for left in (side for side in sides if "x" in side.text):
        result = outcome(left)
        if result is None or result["kind"] == "all":
            continue
        answered += 1
        found = told(result)
        for place in sign_changes(left):
            assert any(abs(one - place) < 1e-6 for one in found), left.text
        for one in found:
            values = [finite(left, one + shift) for shift in (0, 1e-9, -1e-9)]
            assert any(value is not None and abs(value) < 1e-3 for value in values), left.text
    assert answered > len(sides) // 2
