"""An issue as the tools of GitHub show it."""

from services.mcp.contract import ToolModel
from services.mcp.tools.served.research.common import MAX_NAME_CHARS, MAX_TITLE_CHARS
from services.mcp.tools.served.web.github import GitHubIssue
from services.mcp.tools.served.web.text import line, link

MAX_LABELS = 30


class Issue(ToolModel):
    """An issue or a pull request; moments are ISO 8601 in UTC."""

    number: int
    title: str
    state: str
    is_pull_request: bool
    author: str
    labels: tuple[str, ...]
    comments: int
    created_at: str
    updated_at: str
    closed_at: str | None
    url: str


def shown(issue: GitHubIssue) -> Issue:
    """An issue with bounded texts."""
    return Issue(
        number=issue.number,
        title=line(issue.title, MAX_TITLE_CHARS),
        state=line(issue.state, 20),
        is_pull_request=issue.pull_request is not None,
        author=line(issue.user.login if issue.user else "", MAX_NAME_CHARS),
        labels=tuple(line(one.name, MAX_NAME_CHARS) for one in issue.labels[:MAX_LABELS]),
        comments=issue.comments,
        created_at=line(issue.created_at, 40),
        updated_at=line(issue.updated_at, 40),
        closed_at=line(issue.closed_at, 40) or None,
        url=link(issue.html_url),
    )


def in_short(issue: Issue) -> str:
    """Number, title, state and date."""
    return f"#{issue.number} “{issue.title}” ({issue.state}, {issue.created_at[:10]})"
