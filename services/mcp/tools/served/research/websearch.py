"""Searching and reading the web at large."""

from services.mcp.contract import AnyServedTool
from services.mcp.tools.served.research.duckduckgo import duckduckgo_search
from services.mcp.tools.served.research.searxng import web_search_domain
from services.mcp.tools.served.research.settings import ResearchSettings
from services.mcp.tools.served.research.splash import web_browser
from services.mcp.tools.served.research.wayback import wayback_fetch
from services.mcp.tools.served.web.outside import Outside


def websearch_tools(settings: ResearchSettings, outside: Outside) -> tuple[AnyServedTool, ...]:
    """Search by SearXNG and rendering by Splash need those services."""
    return (
        web_search_domain(settings, outside),
        duckduckgo_search(outside),
        web_browser(settings, outside),
        wayback_fetch(outside),
    )
