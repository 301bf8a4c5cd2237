"""Arguments and result of `graph_analyze`."""

from pydantic import Field

from services.mcp.contract import ToolModel
from services.mcp.tools.pure.structures.graph_analyze.edges import GRAMMAR, MAX_NODE_CHARS

MAX_CHARS = 50_000


class GraphArguments(ToolModel):
    """The edges; source and target ask for a shortest path."""

    edges_description: str = Field(min_length=1, max_length=MAX_CHARS, description=GRAMMAR)
    source: str | None = Field(None, max_length=MAX_NODE_CHARS)
    target: str | None = Field(None, max_length=MAX_NODE_CHARS)


class Degree(ToolModel):
    """Edge ends at a node; a loop counts twice. In and out are null in an undirected graph."""

    node: str
    degree: int
    in_degree: int | None
    out_degree: int | None


class Euler(ToolModel):
    """A walk over every edge once. `circuit` ends where it begins."""

    circuit: bool
    path: bool = Field(description="A circuit is a path too")
    walk: tuple[str, ...] | None
    reason: str


class Bipartite(ToolModel):
    """Two sides with no edge inside either."""

    first: tuple[str, ...]
    second: tuple[str, ...]


class Path(ToolModel):
    """A shortest path, with its exact length as a decimal; null if there is none."""

    source: str
    target: str
    nodes: tuple[str, ...] | None
    length: str | None


class GraphResult(ToolModel):
    """The facts of a graph. Components ignore direction, strong components do not."""

    directed: bool
    weighted: bool
    nodes: int
    edges: int
    loops: int
    parallel_edges: int
    degrees: tuple[Degree, ...]
    components: tuple[tuple[str, ...], ...]
    connected: bool
    strong_components: tuple[tuple[str, ...], ...] | None
    cycle: tuple[str, ...] | None = Field(description="One cycle, first node repeated; null if there is none")
    tree: bool
    topological_order: tuple[str, ...] | None
    euler: Euler
    bipartite: Bipartite | None
    shortest_path: Path | None
    grammar: str = GRAMMAR
