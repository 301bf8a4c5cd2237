"""Reading a graph: `A-B, B-C:2.5, D`, `A->B; B->C`, `(A,B), (B,C,7)` or one edge a line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from services.mcp.contract import ToolError
from services.mcp.tools.pure.structures.graph_analyze.graph import Edge, Graph

MAX_EDGES = 2_000
MAX_NODES = 1_000
MAX_NODE_CHARS = 60
GRAMMAR = (
    "edges A-B (or A--B, A->B, A<-B, A<->B) separated by commas, semicolons or lines; A-B-C is a path; a weight "
    "follows as A-B:2.5 or A-B(2.5), edges without one count 1; a name alone is a node; (A,B) and (A,B,2.5) are edges"
)

_ITEM_CHARS = 10 * MAX_NODE_CHARS
_BRACKETS = frozenset("()[]{}")
_SEPARATOR = re.compile(r"[,;\n]")
_NUMBER = r"[+-]?\d{1,15}(?:\.\d{1,15})?"
_WEIGHT = re.compile(rf"(?:[:=]\s*(?P<plain>{_NUMBER})|[(\[]\s*(?P<boxed>{_NUMBER})\s*[)\]])\s*$", re.ASCII)
_CLEAR_LINK = re.compile(r"\s*(<-+>|<-+|-+>|=+>|→|←|↔|--+|\s[-\u2013\u2014]\s)\s*")
_DASH = re.compile(r"\s*([-\u2013\u2014])\s*")
_PAIR = re.compile(r"[(\[{](?P<inner>[^()\[\]{}]{3,200})[)\]}]\s*[,;]?\s*")
_PLAIN_NUMBER = re.compile(_NUMBER, re.ASCII)
_DECIMAL_COMMA = re.compile(r"[:=]\s*[+-]?\d{1,15},\d{1,15}\s*(?:[,;\n]|$)", re.ASCII)
_NO_WEIGHT = re.compile(r"[:=](?:\s|\s*[+\u2212-]?\.?\d)", re.ASCII)
_NUMBER_BEHIND = re.compile(rf"(?P<name>.*\S)\s+{_NUMBER}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Step:
    """One written edge. `directed` is None for a node alone."""

    start: str
    end: str
    directed: bool | None
    weight: str | None = None


def read_graph(text: str) -> Graph:
    """Raises ToolError for text that is no list of edges, for mixed directions and for too many edges."""
    if _DECIMAL_COMMA.search(text):
        raise ToolError("ambiguous", "edges_description: commas separate edges, write a weight as A-B:2.5")
    steps = list(_pairs(text) or _items(text))
    kinds = {step.directed for step in steps} - {None}
    if len(kinds) > 1:
        raise ToolError("ambiguous", "edges_description: some edges have a direction and some have none; use one kind")
    names = list(dict.fromkeys(name for step in steps for name in (step.start, step.end)))
    edges = [step for step in steps if step.directed is not None]
    _check_size(names, len(edges))
    _check_names(names, edges=len(edges))
    numbers = {name: number for number, name in enumerate(names)}
    return Graph(
        names=tuple(names),
        edges=tuple(Edge(numbers[s.start], numbers[s.end], Fraction(s.weight or 1)) for s in edges),
        directed=True in kinds,
        weighted=any(step.weight for step in edges),
    )


def _check_size(names: list[str], edges: int) -> None:
    if not names:
        raise ToolError("invalid_argument", "edges_description: no edges; write them as A-B, B-C or A->B")
    if edges > MAX_EDGES or len(names) > MAX_NODES:
        raise ToolError("limit_exceeded", f"edges_description: the limit is {MAX_EDGES} edges and {MAX_NODES} nodes")


def _check_names(names: list[str], *, edges: int) -> None:
    """Reject edges or weights that parse as names: `A B` or `A to B` alone, `A-B 5, B-C 7`."""
    if not edges and any(" " in name for name in names):
        raise ToolError("invalid_argument", "edges_description: no edges; write them as A-B, B-C or A->B")
    if any((found := _NUMBER_BEHIND.fullmatch(name)) and found["name"] in names for name in names):
        raise ToolError("ambiguous", "edges_description: a number behind a name may be a weight, write A-B:5")


def _pairs(text: str) -> list[_Step]:
    """Edges of `(A,B), (B,C)`, an outer bracket allowed; nothing if the text is not of that form."""
    stripped = text.strip()
    inner = stripped[1:-1].strip() if re.match(r"\[\s*[(\[{]", stripped) and stripped.endswith("]") else stripped
    found: list[_Step] = []
    position = 0
    while position < len(inner) and (match := _PAIR.match(inner, position)):
        found += _pair(match["inner"].split(","))
        position = match.end()
    return found if position == len(inner) else []


def _pair(parts: list[str]) -> Iterator[_Step]:
    weight = parts[2].strip() if len(parts) == 3 else None
    if len(parts) not in (2, 3) or (weight is not None and not _PLAIN_NUMBER.fullmatch(weight)):
        raise ToolError("invalid_argument", "edges_description: a pair is (A,B) or (A,B,2.5)")
    yield _Step(_name(parts[0]), _name(parts[1]), False, weight)


def _items(text: str) -> Iterator[_Step]:
    for item in _SEPARATOR.split(text):
        if len(item) > _ITEM_CHARS:
            raise ToolError("limit_exceeded", f"edges_description: an item has at most {_ITEM_CHARS} characters")
        if item.strip():
            yield from _steps(item.strip())


def _steps(item: str) -> Iterator[_Step]:
    weight = _WEIGHT.search(item)
    path = item[: weight.start()] if weight else item
    link = _CLEAR_LINK if _CLEAR_LINK.search(path) else _DASH
    parts = link.split(path)
    names, marks = [_name(part) for part in parts[::2]], parts[1::2]
    if weight and len(marks) != 1:
        raise ToolError("ambiguous", "edges_description: a weight belongs to one edge, write A-B:2, B-C:3")
    if not marks:
        yield _Step(names[0], names[0], None)
    written = (weight["plain"] or weight["boxed"]) if weight else None
    for (start, end), mark in zip(pairwise(names), marks, strict=True):
        yield from _directed(start, end, mark.strip(), written)


def _directed(start: str, end: str, mark: str, weight: str | None) -> Iterator[_Step]:
    forward, backward = mark[-1] in ">→↔", mark[0] in "<←↔"
    if not (forward or backward):
        yield _Step(start, end, False, weight)
    if forward:
        yield _Step(start, end, True, weight)
    if backward:
        yield _Step(end, start, True, weight)


def _name(text: str) -> str:
    name = text.strip().strip("\"'`").strip()
    if _BRACKETS & set(name):
        raise ToolError("invalid_argument", "edges_description: a bracket that belongs to no pair and no weight")
    if _NO_WEIGHT.search(name):
        raise ToolError("invalid_argument", "edges_description: behind : is a decimal number, as in A-B:0.5 or A-B:-2")
    if not name or len(name) > MAX_NODE_CHARS:
        raise ToolError("invalid_argument", f"edges_description: a node has 1 to {MAX_NODE_CHARS} characters")
    return name
