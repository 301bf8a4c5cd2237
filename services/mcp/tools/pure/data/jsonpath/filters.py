"""Filter expressions of RFC 9535."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from jsonpath_rfc9535 import JSONPathQuery
from jsonpath_rfc9535.filter_expressions import (
    ComparisonExpression,
    Expression,
    FilterExpression,
    FilterExpressionLiteral,
    FilterQuery,
    FunctionExtension,
    LogicalExpression,
    PrefixExpression,
    RootFilterQuery,
)
from pydantic import JsonValue

from services.mcp.contract import ToolError
from services.mcp.tools.pure.data.jsonpath.values import NOTHING, Comparable, equal, i_regexp, length, less
from services.mcp.tools.pure.text.patterns import Pattern

_INSTRUCTIONS_A_STEP = 100
_STEPS_TO_COMPILE = 50


@dataclass(frozen=True, slots=True)
class Filter:
    """Decides expressions over one document; `select` runs the queries inside them, `take` counts steps."""

    root: JsonValue
    select: Callable[[JSONPathQuery, JsonValue], Sequence[JsonValue]]
    take: Callable[[int], None]
    patterns: dict[str, Pattern | None] = field(default_factory=dict)

    def holds(self, expression: Expression, current: JsonValue) -> bool:
        """Whether an expression is true of a value. Raises ToolError."""
        self.take(1)
        if isinstance(expression, FilterExpression):
            return self.holds(expression.expression, current)
        if isinstance(expression, PrefixExpression):
            return not self.holds(expression.right, current)
        if isinstance(expression, LogicalExpression):
            left = self.holds(expression.left, current)
            return left if left == (expression.operator == "||") else self.holds(expression.right, current)
        if isinstance(expression, ComparisonExpression):
            sides = self._operand(expression.left, current), self._operand(expression.right, current)
            return _COMPARISONS[expression.operator](*sides)
        if isinstance(expression, FunctionExtension):
            return self._matches(expression, current)
        return bool(self._nodes(expression, current))

    def _operand(self, expression: Expression, current: JsonValue) -> Comparable:
        if isinstance(expression, FilterExpressionLiteral):
            literal: Comparable = expression.value
            return literal
        if not isinstance(expression, FunctionExtension):
            return _only(self._nodes(expression, current))
        argument = expression.args[0]
        if expression.name == "length":
            return length(self._operand(argument, current))
        nodes = self._nodes(argument, current)
        return len(nodes) if expression.name == "count" else _only(nodes)

    def _nodes(self, expression: Expression, current: JsonValue) -> Sequence[JsonValue]:
        if not isinstance(expression, FilterQuery):
            raise ToolError("invalid_argument", "path: a query such as @.price is missing in a filter")
        start = self.root if isinstance(expression, RootFilterQuery) else current
        return self.select(expression.query, start)

    def _matches(self, call: FunctionExtension, current: JsonValue) -> bool:
        text, source = (self._operand(argument, current) for argument in call.args)
        if not isinstance(text, str) or not isinstance(source, str):
            return False
        pattern = self._pattern(source)
        if pattern is None and isinstance(call.args[1], FilterExpressionLiteral):
            raise ToolError("invalid_argument", f"path: {call.name} takes patterns of RFC 9485 (no \\d, no \\w)")
        if pattern is None:
            return False
        self.take(pattern.programsize * len(text) // _INSTRUCTIONS_A_STEP)
        found = pattern.fullmatch(text) if call.name == "match" else pattern.search(text)
        return found is not None

    def _pattern(self, source: str) -> Pattern | None:
        if source not in self.patterns:
            self.take(_STEPS_TO_COMPILE)
            self.patterns[source] = i_regexp(source)
        return self.patterns[source]


def _only(nodes: Sequence[JsonValue]) -> Comparable:
    return nodes[0] if len(nodes) == 1 else NOTHING


_COMPARISONS: Mapping[str, Callable[[Comparable, Comparable], bool]] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": less,
    ">": lambda left, right: less(right, left),
    "<=": lambda left, right: less(left, right) or equal(left, right),
    ">=": lambda left, right: less(right, left) or equal(left, right),
}
