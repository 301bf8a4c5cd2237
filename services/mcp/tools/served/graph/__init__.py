"""The knowledge graph and the indexed context: listed with their arguments, refused until they are there."""

from services.mcp.contract import AnyServedTool
from services.mcp.tools.served.graph.context import search_context
from services.mcp.tools.served.graph.ingest import graph_ingest
from services.mcp.tools.served.graph.provenance import graph_provenance
from services.mcp.tools.served.graph.query import graph_query


def build() -> tuple[AnyServedTool, ...]:
    return graph_query(), graph_ingest(), graph_provenance(), search_context()
