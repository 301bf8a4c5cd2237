"""Tasks as issues of a GitHub repository. A priority is a label, `priority: high`; a status is open or closed."""

from dataclasses import dataclass

from pydantic import JsonValue, RootModel

from services.mcp.contract import ToolError
from services.mcp.tools.served.tasks.board import Listed, NewTask, Task, Wanted
from services.mcp.tools.served.web.github import GitHubFound, GitHubIssue
from services.mcp.tools.served.web.site import Reply, Site, segment
from services.mcp.tools.served.web.text import line, link

_PRIORITY = "priority: "
_STATES = ("open", "closed")


class _Page(RootModel[tuple[GitHubIssue, ...]]):
    pass


@dataclass(frozen=True, slots=True)
class GitHubBoard:
    """`Board`: the issues of one repository."""

    site: Site
    repository: str

    async def create(self, new: NewTask) -> Listed:
        priority = () if new.priority == "none" else (f"{_PRIORITY}{new.priority}",)
        labels: list[JsonValue] = [*new.labels, *priority]
        body: dict[str, JsonValue] = {"title": new.title, "body": new.description, "labels": labels}
        if new.assignee:
            body["assignees"] = [new.assignee]
        response = await self.site.send(self._path(), body, GitHubIssue)
        return Listed((_task(response.reply),), response.source)

    async def list(self, wanted: Wanted) -> Listed:
        query: dict[str, str | int] = {"state": _state(wanted.status or "all"), "sort": "updated", "per_page": 100}
        if wanted.assignee:
            query["assignee"] = wanted.assignee
        if wanted.label:
            query["labels"] = wanted.label
        response = await self.site.get(self._path(), query, _Page)
        issues = [one for one in response.reply.root if one.pull_request is None]
        return Listed(tuple(_task(one) for one in issues[: wanted.limit]), response.source)

    async def update(self, task_id: str, status: str, comment: str) -> Listed:
        path = f"{self._path()}/{_number(task_id)}"
        state = _state(status) if status else ""
        if comment:
            await self.site.send(f"{path}/comments", {"body": comment}, Reply)
        if state:
            response = await self.site.send(path, {"state": state}, GitHubIssue, "PATCH")
        else:
            response = await self.site.get(path, {}, GitHubIssue)
        return Listed((_task(response.reply),), response.source)

    async def search(self, query: str, limit: int) -> Listed:
        words = "".join(" " if letter in ':"\\' else letter for letter in query).split()
        search = " ".join([*words, f"repo:{self.repository}", "is:issue"])
        response = await self.site.get("/search/issues", {"q": search, "per_page": limit}, GitHubFound)
        return Listed(tuple(_task(one) for one in response.reply.items[:limit]), response.source)

    def _path(self) -> str:
        owner, _, name = self.repository.partition("/")
        return f"/repos/{segment(owner)}/{segment(name)}/issues"


def _number(task_id: str) -> str:
    number = task_id.removeprefix("#")
    if not (number.isascii() and number.isdigit()) or len(number) > 10:
        raise ToolError("invalid_argument", "task_id: on GitHub it is the number of an issue")
    return number


def _state(status: str) -> str:
    if status.lower() not in {*_STATES, "all"}:
        raise ToolError("invalid_argument", "status: on GitHub it is open or closed")
    return status.lower()


def _task(issue: GitHubIssue) -> Task:
    labels = [line(one.name, 120) for one in issue.labels[:50]]
    urgency = next((label.removeprefix(_PRIORITY) for label in labels if label.startswith(_PRIORITY)), "")
    return Task(
        id=str(issue.number),
        title=line(issue.title, 300),
        status=line(issue.state, 40),
        priority=urgency,
        assignee=line(issue.assignees[0].login, 120) if issue.assignees else "",
        labels=tuple(label for label in labels if not label.startswith(_PRIORITY)),
        url=link(issue.html_url),
        updated_at=line(issue.updated_at, 40),
    )
