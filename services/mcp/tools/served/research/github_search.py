"""`github_search_issues`: issues of a repository by state, labels and words, by `/search/issues`."""

from typing import Literal

from pydantic import Field

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
from services.mcp.tools.served.research.common import (
    ANSWER_LIMIT,
    MAX_QUERY_CHARS,
    OPEN_WORLD,
    QUERY_LIMIT,
    RESULTS_LIMIT,
    count_field,
    listed,
)
from services.mcp.tools.served.research.issues import Issue, in_short, shown
from services.mcp.tools.served.web.github import MAX_REPOSITORY_CHARS, REPOSITORY, GitHubFound
from services.mcp.tools.served.web.site import Site, Source

MAX_LABELS_CHARS = 300


class SearchIssuesArguments(ToolModel):
    """A repository; labels with commas between, words of `query` in title, text or comments. No pull requests."""

    repo: str = Field(max_length=MAX_REPOSITORY_CHARS, pattern=REPOSITORY)
    labels: str = Field("", max_length=MAX_LABELS_CHARS)
    state: Literal["open", "closed", "all"] = "open"
    sort: Literal["created", "updated", "comments"] = "created"
    order: Literal["asc", "desc"] = "asc"
    max_results: int = count_field(5)
    query: str = Field("", max_length=MAX_QUERY_CHARS)


class SearchIssuesResult(ToolModel):
    """Issues in the order that was asked for; `complete`: GitHub looked at all of them in its time."""

    issues: tuple[Issue, ...]
    total: int
    complete: bool
    search: str = Field(description="what GitHub was asked")
    source: Source


def github_search_issues(site: Site, why_not: str | None) -> ServedTool[SearchIssuesArguments, SearchIssuesResult]:
    async def run(arguments: SearchIssuesArguments, _: Caller) -> SearchIssuesResult:
        search = _search(arguments)
        query: dict[str, str | int] = {
            "q": search,
            "sort": arguments.sort,
            "order": arguments.order,
            "per_page": arguments.max_results,
        }
        response = await site.get("/search/issues", query, GitHubFound)
        return SearchIssuesResult(
            issues=tuple(shown(one) for one in response.reply.items[: arguments.max_results]),
            total=response.reply.total,
            complete=not response.reply.incomplete,
            search=search,
            source=response.source,
        )

    return ServedTool(
        name="github_search_issues",
        group="research",
        description=_DESCRIPTION,
        keywords=_KEYWORDS,
        arguments=SearchIssuesArguments,
        result=SearchIssuesResult,
        run=run,
        answer=_phrase,
        limits=_LIMITS,
        example=_EXAMPLE,
        error_example=ErrorExample(args={"repo": "numpy/numpy", "state": "merged"}, code="invalid_argument"),
        annotations=OPEN_WORLD,
        unavailable=why_not,
    )


def _search(arguments: SearchIssuesArguments) -> str:
    """Search query: words first, where a qualifier counts as a word."""
    words = "".join(" " if letter in ':"\\' else letter for letter in arguments.query).split()
    labels = [label.strip().replace('"', "").replace("\\", "") for label in arguments.labels.split(",")]
    state = [] if arguments.state == "all" else [f"state:{arguments.state}"]
    named = [f'label:"{label}"' for label in labels if label]
    return " ".join([*words, f"repo:{arguments.repo}", "is:issue", *state, *named])


def _phrase(result: SearchIssuesResult, style: AnswerStyle) -> str:
    return listed(style, "GitHub", [in_short(one) for one in result.issues])


_DESCRIPTION = Bilingual(
    en="Find issues of a GitHub repository by state, labels and words",
    de="Issues eines GitHub-Repositorys finden, nach Zustand, Labels und Wörtern",
)
_KEYWORDS = Bilingual(
    en="github issues search label open closed repository bug oldest newest",
    de="github issues suche label offen geschlossen repository fehler älteste neueste",
)
_LIMITS = (
    Limit(name="repo_chars", value=MAX_REPOSITORY_CHARS, unit="characters"),
    Limit(name="labels_chars", value=MAX_LABELS_CHARS, unit="characters"),
    QUERY_LIMIT,
    RESULTS_LIMIT,
    ANSWER_LIMIT,
)
_EXAMPLE = Example(
    args={"repo": "octocat/Hello-World", "labels": "bug", "max_results": 1},
    result={
        "issues": [
            {
                "number": 1347,
                "title": "Found a bug",
                "state": "open",
                "is_pull_request": False,
                "author": "octocat",
                "labels": ["bug"],
                "comments": 2,
                "created_at": "2011-04-22T13:33:48Z",
                "updated_at": "2011-04-23T09:00:00Z",
                "closed_at": None,
                "url": "https://github.com/octocat/Hello-World/issues/1347",
            }
        ],
        "total": 280,
        "complete": True,
        "search": 'repo:octocat/Hello-World is:issue state:open label:"bug"',
        "source": {
            "name": "GitHub",
            "url": (
                "https://api.github.com/search/issues?q=repo%3Aoctocat%2FHello-World%20is%3Ai"
                "ssue%20state%3Aopen%20label%3A%22bug%22&sort=created&order=asc&per_page=1"
            ),
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer="GitHub: #1347 “Found a bug” (open, 2011-04-22).",
)
