"""Wikipedia and Wikidata."""

from services.mcp.served.research.wikidata import wikidata_search
from services.mcp.served.research.wikidata_sparql import wikidata_sparql
from services.mcp.served.research.wikipedia import wikipedia_get_section
from services.mcp.served.web.outside import Outside
from services.mcp.tools.contract import AnyServedTool


def wiki_tools(outside: Outside) -> tuple[AnyServedTool, ...]:
    """Return the tools of the Wikimedia projects."""
    return wikipedia_get_section(outside), wikidata_search(outside), wikidata_sparql(outside)
