"""`github_get_issue`: one issue or pull request, by `/repos/{repo}/issues/{number}`."""

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
from services.mcp.tools.served.research.common import ANSWER_LIMIT, OPEN_WORLD
from services.mcp.tools.served.research.issues import Issue, in_short, shown
from services.mcp.tools.served.web.github import MAX_REPOSITORY_CHARS, REPOSITORY, GitHubIssue
from services.mcp.tools.served.web.site import Site, Source
from services.mcp.tools.served.web.text import passage

MAX_BODY_CHARS = 6_000


class GetIssueArguments(ToolModel):
    """A repository as owner/name, and the number of an issue or a pull request."""

    repo: str = Field(max_length=MAX_REPOSITORY_CHARS, pattern=REPOSITORY)
    issue_number: int = Field(ge=1, le=10**9)


class GetIssueResult(ToolModel):
    """The issue and its text."""

    repo: str
    issue: Issue
    body: str
    source: Source


def github_get_issue(site: Site, why_not: str | None) -> ServedTool[GetIssueArguments, GetIssueResult]:
    async def run(arguments: GetIssueArguments, _: Caller) -> GetIssueResult:
        response = await site.get(f"/repos/{arguments.repo}/issues/{arguments.issue_number}", {}, GitHubIssue)
        body = passage(response.reply.body or "", MAX_BODY_CHARS)
        return GetIssueResult(repo=arguments.repo, issue=shown(response.reply), body=body, source=response.source)

    return ServedTool(
        name="github_get_issue",
        group="research",
        description=Bilingual(
            en="Read an issue or pull request on GitHub", de="Ein Issue oder einen Pull Request auf GitHub lesen"
        ),
        keywords=Bilingual(
            en="github issue pull request bug repository number",
            de="github issue pull request fehler repository nummer",
        ),
        arguments=GetIssueArguments,
        result=GetIssueResult,
        run=run,
        answer=_phrase,
        limits=(
            Limit(name="repo_chars", value=MAX_REPOSITORY_CHARS, unit="characters"),
            Limit(name="body_chars", value=MAX_BODY_CHARS, unit="characters"),
            ANSWER_LIMIT,
        ),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"repo": "cpython", "issue_number": 1}, code="invalid_argument"),
        annotations=OPEN_WORLD,
        unavailable=why_not,
    )


def _phrase(result: GetIssueResult, style: AnswerStyle) -> str:
    by = "von" if style.language == "de" else "by"
    return f"{result.repo} {in_short(result.issue)} {by} {result.issue.author or '?'}."


_EXAMPLE = Example(
    args={"repo": "octocat/Hello-World", "issue_number": 1347},
    result={
        "repo": "octocat/Hello-World",
        "issue": {
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
        },
        "body": "I'm having a problem with this.\n\nSteps: none.",
        "source": {
            "name": "GitHub",
            "url": "https://api.github.com/repos/octocat/Hello-World/issues/1347",
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer="octocat/Hello-World #1347 “Found a bug” (open, 2011-04-22) by octocat.",
)
