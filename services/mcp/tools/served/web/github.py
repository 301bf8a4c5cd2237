"""GitHub's REST API: authentication, and the issues that it returns."""

from pydantic import Field

from libs.ports.fetching import Fetcher
from services.mcp.tools.served.web.site import Reply, Site

MAX_REPOSITORY_CHARS = 140
REPOSITORY = r"^[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}$"
_HEADERS = (("accept", "application/vnd.github+json"), ("x-github-api-version", "2022-11-28"))


class GitHubUser(Reply):
    login: str


class GitHubLabel(Reply):
    name: str


class GitHubIssue(Reply):
    """An issue or a pull request in GitHub's format."""

    number: int
    title: str
    state: str
    html_url: str
    user: GitHubUser | None = None
    labels: tuple[GitHubLabel, ...] = ()
    assignees: tuple[GitHubUser, ...] = ()
    body: str | None = None
    comments: int = 0
    created_at: str
    updated_at: str
    closed_at: str | None = None
    pull_request: Reply | None = None


class GitHubFound(Reply):
    """What a search for issues finds."""

    total: int = Field(alias="total_count")
    incomplete: bool = Field(False, alias="incomplete_results")
    items: tuple[GitHubIssue, ...]


def github_site(fetcher: Fetcher, token: str) -> Site:
    """Works with a token or without."""
    secrets = (("authorization", f"Bearer {token}"),) if token else ()
    return Site("GitHub", "https://api.github.com", fetcher, headers=_HEADERS, secrets=secrets)
