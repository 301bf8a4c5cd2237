"""`graph_analyze`: degrees, parts, cycles, Eulerian walks, two sides and shortest paths of a small graph."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from services.mcp.contract import Bilingual, ErrorExample, Example, Limit, Tool, ToolError
from services.mcp.tools.pure.structures.graph_analyze.answer import phrase
from services.mcp.tools.pure.structures.graph_analyze.edges import (
    GRAMMAR,
    MAX_EDGES,
    MAX_NODE_CHARS,
    MAX_NODES,
    read_graph,
)
from services.mcp.tools.pure.structures.graph_analyze.euler import euler_walk
from services.mcp.tools.pure.structures.graph_analyze.graph import Graph, degrees, in_degrees, out_degrees
from services.mcp.tools.pure.structures.graph_analyze.models import (
    MAX_CHARS,
    Bipartite,
    Degree,
    Euler,
    GraphArguments,
    GraphResult,
    Path,
)
from services.mcp.tools.pure.structures.graph_analyze.parts import (
    components,
    cycle,
    parallel_edges,
    strong_components,
    topological_order,
    two_sides,
)
from services.mcp.tools.pure.structures.graph_analyze.paths import shortest_path


def graph_analyze(arguments: GraphArguments) -> GraphResult:
    """Raises ToolError."""
    graph = read_graph(arguments.edges_description)
    parts, loop = components(graph), cycle(graph)
    order = topological_order(graph) if graph.directed else None
    return GraphResult(
        directed=graph.directed,
        weighted=graph.weighted,
        nodes=len(graph.names),
        edges=len(graph.edges),
        loops=sum(edge.start == edge.end for edge in graph.edges),
        parallel_edges=parallel_edges(graph),
        degrees=_degrees(graph),
        components=_all_named(graph, parts),
        connected=len(parts) == 1,
        strong_components=_all_named(graph, strong_components(graph)) if graph.directed else None,
        cycle=_named(graph, loop) if loop else None,
        tree=not graph.directed and len(parts) == 1 and loop is None,
        topological_order=None if order is None else _named(graph, order),
        euler=_euler(graph),
        bipartite=_bipartite(graph),
        shortest_path=_path(graph, arguments),
    )


def _named(graph: Graph, nodes: Sequence[int]) -> tuple[str, ...]:
    return tuple(graph.names[node] for node in nodes)


def _all_named(graph: Graph, parts: Sequence[Sequence[int]]) -> tuple[tuple[str, ...], ...]:
    return tuple(_named(graph, part) for part in parts)


def _degrees(graph: Graph) -> tuple[Degree, ...]:
    counts = zip(graph.names, degrees(graph), in_degrees(graph), out_degrees(graph), strict=True)
    return tuple(
        Degree(
            node=name,
            degree=degree,
            in_degree=into if graph.directed else None,
            out_degree=out if graph.directed else None,
        )
        for name, degree, into, out in counts
    )


def _euler(graph: Graph) -> Euler:
    found = euler_walk(graph)
    walk = None if found.walk is None else _named(graph, found.walk)
    return Euler(circuit=found.closed, path=walk is not None, walk=walk, reason=found.reason)


def _bipartite(graph: Graph) -> Bipartite | None:
    sides = two_sides(graph)
    return None if sides is None else Bipartite(first=_named(graph, sides[0]), second=_named(graph, sides[1]))


def _path(graph: Graph, arguments: GraphArguments) -> Path | None:
    if arguments.source is None and arguments.target is None:
        return None
    if arguments.source is None or arguments.target is None:
        raise ToolError("invalid_argument", "source and target: a path needs both")
    source, target = _number(graph, "source", arguments.source), _number(graph, "target", arguments.target)
    found = shortest_path(graph, source, target)
    nodes = None if found.nodes is None else _named(graph, found.nodes)
    length = None if found.length is None else _decimal(found.length)
    return Path(source=graph.names[source], target=graph.names[target], nodes=nodes, length=length)


def _decimal(length: Fraction) -> str:
    """A sum of written weights in their notation: it always terminates."""
    digits = next(count for count in range(16) if not (length * 10**count).denominator > 1)
    return f"{Decimal(int(length * 10**digits)).scaleb(-digits):f}"


def _number(graph: Graph, argument: str, name: str) -> int:
    if name.strip() not in graph.names:
        raise ToolError("invalid_argument", f"{argument}: the graph has no such node")
    return graph.names.index(name.strip())


GRAPH_ANALYZE = Tool(
    name="graph_analyze",
    description=Bilingual(
        en="Degrees, components, cycles, Eulerian path, bipartition and shortest path of a graph given by its edges",
        de="Grade, Komponenten, Zyklen, Eulerweg, Bipartition und kürzester Weg eines Graphen aus seinen Kanten",
    ),
    keywords=Bilingual(
        en="graph edges nodes vertices degree eulerian euler path circuit cycle bipartite connected shortest dijkstra",
        de="graph kanten knoten grad euler eulerweg eulerkreis zyklus bipartit zusammenhängend kürzester weg",
    ),
    arguments=GraphArguments,
    result=GraphResult,
    run=graph_analyze,
    answer=phrase,
    limits=(
        Limit(name="description_chars", value=MAX_CHARS, unit="characters"),
        Limit(name="edges", value=MAX_EDGES, unit="edges"),
        Limit(name="nodes", value=MAX_NODES, unit="nodes"),
        Limit(name="node_chars", value=MAX_NODE_CHARS, unit="characters of a node"),
    ),
    example=Example(
        args={"edges_description": "A-B, B-C, C-A, C-D"},
        result={
            "directed": False,
            "weighted": False,
            "nodes": 4,
            "edges": 4,
            "loops": 0,
            "parallel_edges": 0,
            "degrees": [
                {"node": "A", "degree": 2, "in_degree": None, "out_degree": None},
                {"node": "B", "degree": 2, "in_degree": None, "out_degree": None},
                {"node": "C", "degree": 3, "in_degree": None, "out_degree": None},
                {"node": "D", "degree": 1, "in_degree": None, "out_degree": None},
            ],
            "components": [["A", "B", "C", "D"]],
            "connected": True,
            "strong_components": None,
            "cycle": ["A", "B", "C", "A"],
            "tree": False,
            "topological_order": None,
            "euler": {
                "circuit": False,
                "path": True,
                "walk": ["C", "B", "A", "C", "D"],
                "reason": "two nodes with odd degree",
            },
            "bipartite": None,
            "shortest_path": None,
            "grammar": GRAMMAR,
        },
        answer="Undirected graph: 4 nodes, 4 edges, 1 component(s), cycle: yes, Eulerian path: yes, bipartite: no.",
    ),
    error_example=ErrorExample(args={"edges_description": "A->B, B-C"}, code="ambiguous"),
)
