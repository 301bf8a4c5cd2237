"""Wikipedia and Wikidata."""

from services.mcp.contract import AnyServedTool
from services.mcp.tools.served.research.wikidata import wikidata_search
from services.mcp.tools.served.research.wikidata_sparql import wikidata_sparql
from services.mcp.tools.served.research.wikipedia import wikipedia_get_section
from services.mcp.tools.served.web.outside import Outside


def wiki_tools(outside: Outside) -> tuple[AnyServedTool, ...]:
    return wikipedia_get_section(outside), wikidata_search(outside), wikidata_sparql(outside)
