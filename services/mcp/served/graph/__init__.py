"""The knowledge graph and the indexed context: listed with their arguments, refused until they are there."""

from services.mcp.served.graph.context import search_context
from services.mcp.served.graph.ingest import graph_ingest
from services.mcp.served.graph.provenance import graph_provenance
from services.mcp.served.graph.query import graph_query
from services.mcp.tools.contract import AnyServedTool


def build() -> tuple[AnyServedTool, ...]:
    """Return the tools of this family."""
    return graph_query(), graph_ingest(), graph_provenance(), search_context()
