"""`github_issue_events`: when something happened to an issue, by `/repos/{repo}/issues/{number}/events`."""

from pydantic import Field, RootModel

from services.mcp.contract import (
    AnswerStyle,
    Bilingual,
    Caller,
    ErrorExample,
    Example,
    Limit,
    ServedTool,
    ToolModel,
)
from services.mcp.tools.served.research.common import ANSWER_LIMIT, MAX_NAME_CHARS, OPEN_WORLD, listed
from services.mcp.tools.served.web.github import MAX_REPOSITORY_CHARS, REPOSITORY, GitHubLabel, GitHubUser
from services.mcp.tools.served.web.site import Reply, Site, Source
from services.mcp.tools.served.web.text import line

PAGE = 100
MAX_PAGES = 3


class IssueEventsArguments(ToolModel):
    """An issue and a kind of event: labeled, closed, assigned, renamed, …; empty for all kinds."""

    repo: str = Field(max_length=MAX_REPOSITORY_CHARS, pattern=REPOSITORY)
    issue_number: int = Field(ge=1, le=10**9)
    event_type: str = Field("labeled", max_length=40, pattern=r"^[a-z_-]*$")


class IssueEvent(ToolModel):
    """One event; the moment is ISO 8601 in UTC, the label that of labeled and unlabeled."""

    event: str
    at: str
    actor: str
    label: str


class IssueEventsResult(ToolModel):
    """Events, earliest first. `complete`: all events of the issue were looked at."""

    events: tuple[IssueEvent, ...]
    looked_at: int
    complete: bool
    source: Source


class _Event(Reply):
    event: str
    created_at: str
    actor: GitHubUser | None = None
    label: GitHubLabel | None = None


class _Page(RootModel[tuple[_Event, ...]]):
    pass


def github_issue_events(site: Site, why_not: str | None) -> ServedTool[IssueEventsArguments, IssueEventsResult]:
    async def run(arguments: IssueEventsArguments, _: Caller) -> IssueEventsResult:
        path = f"/repos/{arguments.repo}/issues/{arguments.issue_number}/events"
        events: list[_Event] = []
        for page in range(1, MAX_PAGES + 1):
            response = await site.get(path, {"per_page": PAGE, "page": page}, _Page)
            events += response.reply.root
            if len(response.reply.root) < PAGE:
                break
        shown = tuple(_shown(one) for one in events if arguments.event_type in {"", one.event})
        complete = len(events) < PAGE * MAX_PAGES
        return IssueEventsResult(events=shown, looked_at=len(events), complete=complete, source=response.source)

    return ServedTool(
        name="github_issue_events",
        group="research",
        description=_DESCRIPTION,
        keywords=_KEYWORDS,
        arguments=IssueEventsArguments,
        result=IssueEventsResult,
        run=run,
        answer=_phrase,
        limits=_LIMITS,
        example=_EXAMPLE,
        error_example=ErrorExample(args={"repo": "numpy/numpy", "issue_number": 0}, code="invalid_argument"),
        annotations=OPEN_WORLD,
        unavailable=why_not,
        timeout_s=60.0,
    )


def _shown(one: _Event) -> IssueEvent:
    return IssueEvent(
        event=line(one.event, 40),
        at=line(one.created_at, 40),
        actor=line(one.actor.login if one.actor else "", MAX_NAME_CHARS),
        label=line(one.label.name if one.label else "", MAX_NAME_CHARS),
    )


def _phrase(result: IssueEventsResult, style: AnswerStyle) -> str:
    lines = [f"{one.event}{' ' + one.label if one.label else ''} {one.at}" for one in result.events]
    return listed(style, "GitHub", lines)


_DESCRIPTION = Bilingual(
    en="When an issue on GitHub was labeled, closed, assigned and so on",
    de="Wann ein Issue auf GitHub ein Label bekam, geschlossen oder zugewiesen wurde",
)
_KEYWORDS = Bilingual(
    en="github issue events labeled closed when date timeline",
    de="github issue ereignisse label geschlossen wann datum verlauf",
)
_LIMITS = (
    Limit(name="repo_chars", value=MAX_REPOSITORY_CHARS, unit="characters"),
    Limit(name="events", value=PAGE * MAX_PAGES, unit="events looked at"),
    ANSWER_LIMIT,
)
_EXAMPLE = Example(
    args={"repo": "octocat/Hello-World", "issue_number": 1347},
    result={
        "events": [{"event": "labeled", "at": "2011-04-14T16:00:49Z", "actor": "octocat", "label": "bug"}],
        "looked_at": 2,
        "complete": True,
        "source": {
            "name": "GitHub",
            "url": ("https://api.github.com/repos/octocat/Hello-World/issues/1347/events?per_page=100&page=1"),
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer="GitHub: labeled bug 2011-04-14T16:00:49Z.",
)
