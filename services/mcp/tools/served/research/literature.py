"""Papers and their authors."""

from services.mcp.contract import AnyServedTool
from services.mcp.tools.served.research.crossref import crossref_lookup
from services.mcp.tools.served.research.openalex import openalex_search
from services.mcp.tools.served.research.orcid import orcid_works_count
from services.mcp.tools.served.research.pubmed import pubmed_search
from services.mcp.tools.served.research.semantic_scholar import semantic_scholar_search
from services.mcp.tools.served.web.outside import Outside


def literature_tools(outside: Outside) -> tuple[AnyServedTool, ...]:
    return (
        crossref_lookup(outside),
        openalex_search(outside),
        semantic_scholar_search(outside),
        pubmed_search(outside),
        orcid_works_count(outside),
    )
