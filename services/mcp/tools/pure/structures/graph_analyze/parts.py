"""Connected parts, the two sides of a bipartite graph, and cycles."""

from collections.abc import Sequence

from services.mcp.tools.pure.structures.graph_analyze.graph import Graph, Link, Links, links, reversed_, undirected


def components(graph: Graph) -> list[list[int]]:
    """Components without regard to direction; nodes in their own order."""
    ways, seen = links(undirected(graph)), [False] * len(graph.names)
    return [sorted(_finish_order(ways, node, seen)) for node in range(len(ways)) if not seen[node]]


def strong_components(graph: Graph) -> list[list[int]]:
    """Parts in which every node reaches every other (Kosaraju and Sharir)."""
    ways, seen = links(graph), [False] * len(graph.names)
    finished = [node for root in range(len(ways)) if not seen[root] for node in _finish_order(ways, root, seen)]
    back, reached = links(reversed_(graph)), [False] * len(graph.names)
    parts = [sorted(_finish_order(back, node, reached)) for node in reversed(finished) if not reached[node]]
    return sorted(parts)


def _finish_order(ways: Links, root: int, seen: list[bool]) -> list[int]:
    """New nodes reached from a root, in the order in which a depth-first search leaves them."""
    order, stack = [], [(root, iter(ways[root]))]
    seen[root] = True
    while stack:
        node, rest = stack[-1]
        following = next((link.node for link in rest if not seen[link.node]), None)
        if following is None:
            order.append(node)
            stack.pop()
        else:
            seen[following] = True
            stack.append((following, iter(ways[following])))
    return order


def two_sides(graph: Graph) -> tuple[list[int], list[int]] | None:
    """Sides of a bipartite graph, or None where a cycle of odd length forbids them."""
    ways = links(undirected(graph))
    side: list[int | None] = [None] * len(ways)
    for root in range(len(ways)):
        if side[root] is None and not _coloured(ways, root, side):
            return None
    return [n for n, colour in enumerate(side) if colour == 0], [n for n, colour in enumerate(side) if colour == 1]


def _coloured(ways: Links, root: int, side: list[int | None]) -> bool:
    side[root], stack = 0, [root]
    while stack:
        node = stack.pop()
        other = 1 - (side[node] or 0)
        neighbours = [link.node for link in ways[node]]
        if any(side[neighbour] == side[node] for neighbour in neighbours):
            return False
        fresh = [neighbour for neighbour in neighbours if side[neighbour] is None]
        for neighbour in fresh:
            side[neighbour] = other
        stack += fresh
    return True


def cycle(graph: Graph) -> list[int] | None:
    """Nodes of one cycle, the first repeated at the end, or None. A loop is a cycle of one node."""
    ways, state = links(graph), [0] * len(graph.names)
    for root in range(len(ways)):
        if not state[root] and (found := _cycle_from(ways, root, state)):
            return found
    return None


_OPEN, _DONE = 1, 2


def _cycle_from(ways: Links, root: int, state: list[int]) -> list[int] | None:
    """Search depth-first for a link to a node on the path, never back over the last edge."""
    path, stack = [root], [(Link(root, -1), iter(ways[root]))]
    state[root] = _OPEN
    while stack:
        entered_by, rest = stack[-1]
        link = next((link for link in rest if link.edge != entered_by.edge and state[link.node] != _DONE), None)
        if link is None:
            state[path.pop()] = _DONE
            stack.pop()
        elif state[link.node] == _OPEN:
            return [*path[path.index(link.node) :], link.node]
        else:
            state[link.node] = _OPEN
            path.append(link.node)
            stack.append((link, iter(ways[link.node])))
    return None


def topological_order(graph: Graph) -> list[int] | None:
    """Order in which every edge points forward, or None; of free nodes the first named comes first."""
    ways, waiting = links(graph), _incoming(graph)
    free, order = [node for node, count in enumerate(waiting) if not count], []
    while free:
        node = min(free)
        free.remove(node)
        order.append(node)
        for link in ways[node]:
            waiting[link.node] -= 1
            if not waiting[link.node]:
                free.append(link.node)
    return order if len(order) == len(ways) else None


def _incoming(graph: Graph) -> list[int]:
    counts = [0] * len(graph.names)
    for edge in graph.edges:
        counts[edge.end] += 1
    return counts


def parallel_edges(graph: Graph) -> int:
    """Number of edges that duplicate another edge."""
    ends: Sequence[tuple[int, int]] = [(edge.start, edge.end) for edge in graph.edges]
    if not graph.directed:
        ends = [(min(pair), max(pair)) for pair in ends]
    return len(ends) - len(set(ends))
