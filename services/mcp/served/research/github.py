"""GitHub: issues, what happened to them, and looking for them."""

from services.mcp.served.research.github_events import github_issue_events
from services.mcp.served.research.github_issue import github_get_issue
from services.mcp.served.research.github_search import github_search_issues
from services.mcp.served.research.settings import ResearchSettings
from services.mcp.served.web.github import github_site
from services.mcp.served.web.outside import Outside
from services.mcp.tools.contract import AnyServedTool


def github_tools(settings: ResearchSettings, outside: Outside) -> tuple[AnyServedTool, ...]:
    """Return the tools of GitHub; without a token they have GitHub's small allowance."""
    site = github_site(outside.web, settings.github_token.get_secret_value())
    why_not = outside.why_not
    return github_get_issue(site, why_not), github_issue_events(site, why_not), github_search_issues(site, why_not)
