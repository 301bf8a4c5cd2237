"""Tasks as issues of a team in Linear, by its GraphQL API. Values travel as variables alone."""

from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, JsonValue

from libs.ports.fetching import Fetcher
from services.mcp.contract import ToolError
from services.mcp.tools.served.tasks import linear_documents as documents
from services.mcp.tools.served.tasks.board import Listed, NewTask, Task, Wanted
from services.mcp.tools.served.tasks.linear_replies import (
    Changed,
    Commented,
    Created,
    Graph,
    Issue,
    Listing,
    Names,
    Nodes,
    One,
    Searched,
)
from services.mcp.tools.served.web.site import Site, SiteReply, Source
from services.mcp.tools.served.web.text import line, link

_PRIORITIES = {"none": 0, "urgent": 1, "high": 2, "medium": 3, "low": 4}
_PRIORITY_NAMES = {number: name for name, number in _PRIORITIES.items()}
ReplyT = TypeVar("ReplyT", bound=BaseModel)


def linear_site(fetcher: Fetcher, key: str) -> Site:
    """A personal key is the whole value of its header."""
    return Site("Linear", "https://api.linear.app", fetcher, secrets=(("authorization", key),))


@dataclass(frozen=True, slots=True)
class LinearBoard:
    """`Board`: the issues of one team."""

    site: Site
    team: str

    async def create(self, new: NewTask) -> Listed:
        names = await self._names(new.labels, new.assignee, "")
        content: dict[str, JsonValue] = {
            "teamId": self.team,
            "title": new.title,
            "description": new.description,
            "priority": _PRIORITIES[new.priority],
            "labelIds": [_id_of(names.issueLabels, label, "labels") for label in new.labels],
        }
        if new.assignee:
            content["assigneeId"] = _id_of(names.users, new.assignee, "assignee")
        response = await self._query(documents.CREATE, {"input": content}, Created)
        return self._listed((response.reply.issueCreate.issue,), response.source)

    async def list(self, wanted: Wanted) -> Listed:
        conditions: dict[str, JsonValue] = {"team": {"id": {"eq": self.team}}}
        if wanted.status:
            conditions["state"] = {"name": {"eqIgnoreCase": wanted.status}}
        if wanted.assignee:
            conditions["assignee"] = {"displayName": {"eqIgnoreCase": wanted.assignee}}
        if wanted.label:
            conditions["labels"] = {"name": {"eqIgnoreCase": wanted.label}}
        response = await self._query(documents.LIST, {"filter": conditions, "first": wanted.limit}, Listing)
        return self._listed(response.reply.issues.nodes[: wanted.limit], response.source)

    async def update(self, task_id: str, status: str, comment: str) -> Listed:
        state = ""
        if status:
            state = _id_of((await self._names((), "", status)).workflowStates, status, "status")
        if comment:
            await self._query(documents.COMMENT, {"input": {"issueId": task_id, "body": comment}}, Commented)
        if state:
            changed = await self._query(documents.UPDATE, {"id": task_id, "input": {"stateId": state}}, Changed)
            return self._listed((changed.reply.issueUpdate.issue,), changed.source)
        response = await self._query(documents.ONE, {"id": task_id}, One)
        return self._listed((response.reply.issue,), response.source)

    async def search(self, query: str, limit: int) -> Listed:
        variables: dict[str, JsonValue] = {"term": query, "first": limit, "team": self.team}
        response = await self._query(documents.SEARCH, variables, Searched)
        return self._listed(response.reply.searchIssues.nodes[:limit], response.source)

    async def _names(self, labels: tuple[str, ...], user: str, state: str) -> Names:
        if not (labels or user or state):
            return Names(issueLabels=Nodes(), users=Nodes(), workflowStates=Nodes())
        variables: dict[str, JsonValue] = {"team": self.team, "labels": list(labels), "user": user, "state": state}
        return (await self._query(documents.NAMES, variables, Names)).reply

    async def _query(self, document: str, variables: dict[str, JsonValue], shape: type[ReplyT]) -> SiteReply[ReplyT]:
        response = await self.site.send("/graphql", {"query": document, "variables": variables}, Graph[shape])  # type: ignore[valid-type]
        if response.reply.errors or response.reply.data is None:
            raise ToolError("outside_failed", "Linear refuses that; look at the id, the team and the key's rights")
        return SiteReply(response.reply.data, response.source)

    def _listed(self, issues: tuple[Issue | None, ...], source: Source) -> Listed:
        if None in issues:
            raise ToolError("outside_failed", "Linear did not do that")
        return Listed(tuple(_task(one) for one in issues if one is not None), source)


def _id_of(nodes: Nodes, name: str, argument: str) -> str:
    for node in nodes.nodes:
        if name.casefold() in {node.name.casefold(), node.displayName.casefold(), node.email.casefold()}:
            return node.id
    raise ToolError("not_found", f"{argument}: Linear does not know one of the names")


def _task(issue: Issue) -> Task:
    return Task(
        id=line(issue.identifier, 40),
        title=line(issue.title, 300),
        status=line(issue.state.name if issue.state else "", 40),
        priority=_PRIORITY_NAMES.get(int(issue.priority), ""),
        assignee=line(issue.assignee.displayName if issue.assignee else "", 120),
        labels=tuple(line(one.name, 120) for one in issue.labels.nodes[:50]),
        url=link(issue.url),
        updated_at=line(issue.updatedAt, 40),
    )
