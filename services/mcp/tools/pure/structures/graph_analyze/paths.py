"""Shortest paths: Dijkstra, or Bellman and Ford where a weight is negative."""

from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from math import lcm

from services.mcp.contract import ToolError
from services.mcp.tools.pure.structures.graph_analyze.graph import Graph, links


@dataclass(frozen=True, slots=True)
class ShortestPath:
    """The nodes of a shortest path and its exact length; None where the target cannot be reached."""

    nodes: list[int] | None
    length: Fraction | None


def shortest_path(graph: Graph, source: int, target: int) -> ShortestPath:
    """Raises ToolError(domain_error) where a negative cycle makes lengths unbounded."""
    scale = lcm(*(edge.weight.denominator for edge in graph.edges), 1)
    weights = [int(edge.weight * scale) for edge in graph.edges]
    negative = min(weights, default=0) < 0
    if negative and not graph.directed:
        raise ToolError("domain_error", "edges_description: an undirected edge of negative weight has no shortest path")
    before = _bellman_ford(graph, weights, source) if negative else _dijkstra(graph, weights, source)
    if target != source and target not in before:
        return ShortestPath(None, None)
    edges = _edges_back(before, source, target)
    nodes = [source]
    for edge in edges:
        nodes.append(graph.edges[edge].end if graph.edges[edge].start == nodes[-1] else graph.edges[edge].start)
    return ShortestPath(nodes, sum((graph.edges[edge].weight for edge in edges), Fraction(0)))


def _edges_back(before: dict[int, tuple[int, int]], source: int, target: int) -> list[int]:
    edges = []
    while target != source:
        target, edge = before[target]
        edges.append(edge)
    return edges[::-1]


def _dijkstra(graph: Graph, weights: list[int], source: int) -> dict[int, tuple[int, int]]:
    """Return, for each node that is reached, the node before it and the edge between."""
    ways, before = links(graph), dict[int, tuple[int, int]]()
    distance, queue, done = {source: 0}, [(0, source)], set[int]()
    while queue:
        length, node = heappop(queue)
        if node in done:
            continue
        done.add(node)
        for link in ways[node]:
            longer = length + weights[link.edge]
            if longer < distance.get(link.node, longer + 1):
                distance[link.node], before[link.node] = longer, (node, link.edge)
                heappush(queue, (longer, link.node))
    return before


def _bellman_ford(graph: Graph, weights: list[int], source: int) -> dict[int, tuple[int, int]]:
    """As Dijkstra's; only cycles that the source reaches count."""
    distance, before = {source: 0}, dict[int, tuple[int, int]]()
    for _ in graph.names:
        changed = False
        for number, edge in enumerate(graph.edges):
            if edge.start not in distance:
                continue
            length = distance[edge.start] + weights[number]
            if length < distance.get(edge.end, length + 1):
                distance[edge.end], before[edge.end], changed = length, (edge.start, number), True
        if not changed:
            return before
    raise ToolError("domain_error", "edges_description: a cycle of negative weight: no path is the shortest")
