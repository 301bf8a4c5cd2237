"""The interpreter of the `jmespath` package with bounded work, corrected where it exposes Python semantics.

In Python 1 equals True, `int()` accepts underscores and `float()` accepts "nan"; in JMESPath none of that holds.
"""

import json
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from jmespath.functions import Functions, signature
from jmespath.visitor import Options, TreeInterpreter
from pydantic import JsonValue

from services.mcp.contract import ToolError
from services.mcp.tools.pure.data.jsonpath.values import equal, less

if TYPE_CHECKING:
    from jmespath.visitor import _TreeNode

MAX_STEPS = 200_000
MAX_DEPTH = 200
_LAST_WHOLE_DOUBLE = 2**53
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,300})(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]{1,3})?")


def too_much() -> ToolError:
    return ToolError("limit_exceeded", f"work of the expression: the limit is {MAX_STEPS} steps; make it narrower")


def size_of(value: JsonValue, limit: int, depth: int = 0) -> int:
    """Number of values in a tree, counting no further than just above the limit. Raises ToolError."""
    if depth > MAX_DEPTH:
        raise ToolError("limit_exceeded", f"nesting of the result: the limit is {MAX_DEPTH}")
    inner = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    total = 1 + len(value) // 100 if isinstance(value, str) else 1
    for item in inner:
        if total > limit:
            break
        total += size_of(item, limit - total, depth + 1)
    return total


class StrictFunctions(Functions):
    """The functions that need a firmer hand. `take` counts the numbers that are added: exactly is not fast."""

    def __init__(self, take: Callable[[int], None]) -> None:
        super().__init__()
        self._take = take

    @signature({"types": []})
    def _func_to_number(self, value: JsonValue) -> JsonValue:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        found = _NUMBER.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            return None
        if not (found["fraction"] or found["exponent"]):
            return int(found.group())
        number = float(found.group())
        return number if abs(number) != float("inf") else None

    @signature({"types": ["array-number"]})
    def _func_sum(self, numbers: list[int | float]) -> int | float:
        total = self._total(numbers)
        return total.numerator if all(isinstance(number, int) for number in numbers) else _double(total)

    @signature({"types": ["array-number"]})
    def _func_avg(self, numbers: list[int | float]) -> int | float | None:
        if not numbers:
            return None
        mean = self._total(numbers) / len(numbers)
        whole = mean.denominator == 1 and all(isinstance(number, int) for number in numbers)
        return mean.numerator if whole and abs(mean) > _LAST_WHOLE_DOUBLE else _double(mean)

    def _total(self, numbers: list[int | float]) -> Fraction:
        self._take(len(numbers))
        return sum(map(Fraction, numbers), Fraction(0))

    @signature({"types": []})
    def _func_to_string(self, value: JsonValue) -> str:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    @signature({"types": ["array", "string"]}, {"types": []})
    def _func_contains(self, subject: JsonValue, wanted: JsonValue) -> bool:
        if isinstance(subject, list):
            return any(equal(item, wanted) for item in subject)
        return isinstance(subject, str) and isinstance(wanted, str) and wanted in subject

    @signature({"types": ["string"]}, {"types": ["array-string"]})
    def _func_join(self, glue: str, texts: list[str]) -> str:
        if len(glue) * len(texts) + sum(map(len, texts)) > MAX_STEPS:
            raise too_much()
        return glue.join(texts)


def _double(exact: Fraction) -> float:
    """Nearest double: rounded once, and not at every step. Raises ToolError."""
    try:
        return float(exact)
    except OverflowError as error:
        raise ToolError("limit_exceeded", "expression: a number is beyond the range of a double") from error


def _ordered(left: JsonValue, right: JsonValue, *, below: bool, same: bool) -> bool | None:
    """Compare two numbers or two texts; null for unordered types."""
    numbers = all(isinstance(side, int | float) and not isinstance(side, bool) for side in (left, right))
    if not numbers and not (isinstance(left, str) and isinstance(right, str)):
        return None
    return same if left == right else (less(left, right) if below else less(right, left))


_COMPARISONS: Mapping[str, Callable[[JsonValue, JsonValue], bool | None]] = {
    "eq": equal,
    "ne": lambda left, right: not equal(left, right),
    "lt": partial(_ordered, below=True, same=False),
    "lte": partial(_ordered, below=True, same=True),
    "gt": partial(_ordered, below=False, same=False),
    "gte": partial(_ordered, below=False, same=True),
}


class BoundedInterpreter(TreeInterpreter):
    """Counts every visited node, and the size of every built value."""

    def __init__(self) -> None:
        super().__init__(Options(custom_functions=StrictFunctions(self._take)))
        self._steps = MAX_STEPS

    def visit(self, node: "_TreeNode", value: JsonValue) -> JsonValue:
        self._take(1)
        result: JsonValue = super().visit(node, value)
        return result

    def visit_comparator(self, node: "_TreeNode", value: JsonValue) -> JsonValue:
        left, right = (self.visit(child, value) for child in node["children"])
        return _COMPARISONS[node["value"]](left, right)

    def visit_multi_select_list(self, node: "_TreeNode", value: JsonValue) -> list[JsonValue] | None:
        made: list[JsonValue] | None = super().visit_multi_select_list(node, value)
        self._take(size_of(made, MAX_STEPS))
        return made

    def visit_multi_select_dict(self, node: "_TreeNode", value: JsonValue) -> dict[str, JsonValue] | None:
        made = super().visit_multi_select_dict(node, value)
        result: dict[str, JsonValue] | None = None if made is None else dict(made)
        self._take(size_of(result, MAX_STEPS))
        return result

    def visit_function_expression(self, node: "_TreeNode", value: JsonValue) -> JsonValue:
        result: JsonValue = super().visit_function_expression(node, value)
        self._take(len(result) if isinstance(result, str | list | dict) else 1)
        return result

    def visit_slice(self, node: "_TreeNode", value: JsonValue) -> list[JsonValue] | None:
        try:
            items: list[JsonValue] | None = super().visit_slice(node, value)
        except ValueError as error:
            raise ToolError("invalid_argument", "expression: the step of a slice is never 0") from error
        return items

    def _take(self, steps: int) -> None:
        self._steps -= steps
        if self._steps < 0:
            raise too_much()
