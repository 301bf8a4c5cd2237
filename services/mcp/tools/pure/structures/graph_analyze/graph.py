"""A graph with parallel edges and loops, and its links in both directions."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge by the numbers of its nodes; start and end mean nothing in an undirected graph."""

    start: int
    end: int
    weight: Fraction


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in the order in which they are named first."""

    names: tuple[str, ...]
    edges: tuple[Edge, ...]
    directed: bool
    weighted: bool


@dataclass(frozen=True, slots=True)
class Link:
    """An outgoing link of a node: its target and its edge."""

    node: int
    edge: int


Links: TypeAlias = Sequence[Sequence[Link]]


def links(graph: Graph) -> Links:
    """Outgoing links of each node; an undirected edge leaves both ends, a loop counts once."""
    found: list[list[Link]] = [[] for _ in graph.names]
    for number, edge in enumerate(graph.edges):
        found[edge.start].append(Link(edge.end, number))
        if not graph.directed and edge.start != edge.end:
            found[edge.end].append(Link(edge.start, number))
    return found


def undirected(graph: Graph) -> Graph:
    """Without directions."""
    return Graph(graph.names, graph.edges, False, graph.weighted)


def reversed_(graph: Graph) -> Graph:
    """With all edges reversed."""
    turned = tuple(Edge(edge.end, edge.start, edge.weight) for edge in graph.edges)
    return Graph(graph.names, turned, graph.directed, graph.weighted)


def in_degrees(graph: Graph) -> list[int]:
    return _counted(graph, [edge.end for edge in graph.edges])


def out_degrees(graph: Graph) -> list[int]:
    return _counted(graph, [edge.start for edge in graph.edges])


def degrees(graph: Graph) -> list[int]:
    """Number of edge ends at each node; a loop has two."""
    return [sum(pair) for pair in zip(in_degrees(graph), out_degrees(graph), strict=True)]


def _counted(graph: Graph, nodes: Sequence[int]) -> list[int]:
    counts = [0] * len(graph.names)
    for node in nodes:
        counts[node] += 1
    return counts
