"""Running a parsed JSONPath query over a document, within a number of steps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jsonpath_rfc9535 import JSONPathQuery
from jsonpath_rfc9535.segments import JSONPathRecursiveDescentSegment, JSONPathSegment
from jsonpath_rfc9535.selectors import (
    FilterSelector,
    IndexSelector,
    JSONPathSelector,
    NameSelector,
    SliceSelector,
)
from pydantic import JsonValue

from services.mcp.contract import ToolError
from services.mcp.tools.pure.data.json_reader import Place
from services.mcp.tools.pure.data.jsonpath.filters import Filter

MAX_STEPS = 200_000


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its path from the root."""

    value: JsonValue
    way: Place


class Evaluation:
    """One run over one document."""

    def __init__(self, root: JsonValue) -> None:
        self._steps = MAX_STEPS
        self._filter = Filter(root, self._values, self._take)

    def select(self, query: JSONPathQuery, value: JsonValue) -> list[Node]:
        """Nodes of a query from a value on, in the order of RFC 9535. Raises ToolError at the limit."""
        nodes = [Node(value, ())]
        for segment in query.segments:
            nodes = list(self._segment(segment, nodes))
        return nodes

    def _values(self, query: JSONPathQuery, value: JsonValue) -> list[JsonValue]:
        return [node.value for node in self.select(query, value)]

    def _take(self, steps: int) -> None:
        self._steps -= steps
        if self._steps < 0:
            raise ToolError("limit_exceeded", f"work of the query: the limit is {MAX_STEPS} steps; make it narrower")

    def _segment(self, segment: JSONPathSegment, nodes: Sequence[Node]) -> Iterator[Node]:
        for node in nodes:
            starts = self._descendants(node) if isinstance(segment, JSONPathRecursiveDescentSegment) else (node,)
            for start in starts:
                for selector in segment.selectors:
                    yield from self._selected(selector, start)

    def _descendants(self, node: Node) -> Iterator[Node]:
        """Node and all arrays and objects below it, parents first."""
        stack = [node]
        while stack:
            current = stack.pop()
            yield current
            stack += [child for child in self._children(current) if isinstance(child.value, dict | list)][::-1]

    def _selected(self, selector: JSONPathSelector, node: Node) -> Iterator[Node]:
        self._take(1)
        if isinstance(selector, NameSelector):
            if isinstance(node.value, dict) and selector.name in node.value:
                yield Node(node.value[selector.name], (*node.way, selector.name))
        elif isinstance(selector, IndexSelector):
            yield from self._items(node, slice(selector.index, None if selector.index == -1 else selector.index + 1))
        elif isinstance(selector, SliceSelector):
            yield from self._items(node, selector.slice)
        elif isinstance(selector, FilterSelector):
            holds = self._filter.holds
            yield from (child for child in self._children(node) if holds(selector.expression, child.value))
        else:  # the wildcard
            yield from self._children(node)

    def _items(self, node: Node, wanted: slice) -> Iterator[Node]:
        if not isinstance(node.value, list) or wanted.step == 0:  # RFC 9535: a step of 0 selects nothing
            return
        for place in range(len(node.value))[wanted]:
            self._take(1)
            yield Node(node.value[place], (*node.way, place))

    def _children(self, node: Node) -> Iterator[Node]:
        members: Sequence[tuple[str | int, JsonValue]] = ()
        if isinstance(node.value, dict):
            members = tuple(node.value.items())
        elif isinstance(node.value, list):
            members = tuple(enumerate(node.value))
        self._take(len(members))
        return (Node(value, (*node.way, key)) for key, value in members)
