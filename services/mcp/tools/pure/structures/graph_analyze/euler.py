"""Walks over every edge exactly once."""

from dataclasses import dataclass

from services.mcp.tools.pure.structures.graph_analyze.graph import Graph, degrees, in_degrees, links, out_degrees


@dataclass(frozen=True, slots=True)
class EulerWalk:
    """A walk over all edges, or why there is none. `odd` are the nodes that forbid or begin it."""

    walk: list[int] | None
    closed: bool
    reason: str


def euler_walk(graph: Graph) -> EulerWalk:
    """Eulerian circuit if there is one, else a path, else the reason (Euler; Hierholzer)."""
    if not graph.edges:
        return EulerWalk(None, False, "there are no edges")
    starts, unbalanced = _unbalanced(graph)
    allowed = len(unbalanced) in (0, 2) and (not unbalanced or len(starts) == 1)
    kind = "in-degree and out-degree do not match" if graph.directed else "odd degree"
    if not allowed:
        return EulerWalk(None, False, f"{len(unbalanced)} nodes with {kind}")
    walk = _hierholzer(graph, starts[0] if starts else graph.edges[0].start)
    if len(walk) != len(graph.edges) + 1:
        return EulerWalk(None, False, "the edges do not hang together")
    return EulerWalk(walk, not unbalanced, "all degrees match" if not unbalanced else f"two nodes with {kind}")


def _unbalanced(graph: Graph) -> tuple[list[int], list[int]]:
    """Start of a path, and all nodes that rule out a circuit."""
    if not graph.directed:
        odd = [node for node, degree in enumerate(degrees(graph)) if degree % 2]
        return odd[:1], odd
    surplus = [out - into for into, out in zip(in_degrees(graph), out_degrees(graph), strict=True)]
    return [node for node, over in enumerate(surplus) if over == 1], [node for node, over in enumerate(surplus) if over]


def _hierholzer(graph: Graph, start: int) -> list[int]:
    ways = [list(reversed(out)) for out in links(graph)]
    used = [False] * len(graph.edges)
    stack, walk = [start], []
    while stack:
        out = ways[stack[-1]]
        while out and used[out[-1].edge]:
            out.pop()
        if out:
            link = out.pop()
            used[link.edge] = True
            stack.append(link.node)
        else:
            walk.append(stack.pop())
    return walk[::-1]
