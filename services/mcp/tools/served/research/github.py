"""GitHub: issues, their events, and issue search."""

from services.mcp.contract import AnyServedTool
from services.mcp.tools.served.research.github_events import github_issue_events
from services.mcp.tools.served.research.github_issue import github_get_issue
from services.mcp.tools.served.research.github_search import github_search_issues
from services.mcp.tools.served.research.settings import ResearchSettings
from services.mcp.tools.served.web.github import github_site
from services.mcp.tools.served.web.outside import Outside


def github_tools(settings: ResearchSettings, outside: Outside) -> tuple[AnyServedTool, ...]:
    """Without a token GitHub's small rate limit applies."""
    site = github_site(outside.web, settings.github_token.get_secret_value())
    why_not = outside.why_not
    return github_get_issue(site, why_not), github_issue_events(site, why_not), github_search_issues(site, why_not)
