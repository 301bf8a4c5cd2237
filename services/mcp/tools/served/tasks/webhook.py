"""Tasks in a service of the operator: JSON to one URL, which returns the tasks.

The request is `{"action": "create" | "list" | "update" | "search", …}` with the arguments of the tool, the response
`{"tasks": [{"id": …, "title": …, "status": …, "priority": …, "assignee": …, "labels": […], "url": …}]}`.
"""

from dataclasses import dataclass, replace

import orjson
from pydantic import JsonValue

from libs.ports.fetching import FetchRequest
from libs.ports.web_url import parse_url
from services.mcp.contract import ToolError
from services.mcp.tools.served.tasks.board import Listed, NewTask, Task, Wanted
from services.mcp.tools.served.web.site import Reply, Site
from services.mcp.tools.served.web.text import line, link


class _Reply(Reply):
    id: str | int
    title: str = ""
    status: str = ""
    priority: str = ""
    assignee: str = ""
    labels: tuple[str, ...] = ()
    url: str = ""
    updated_at: str = ""


class _Answer(Reply):
    tasks: tuple[_Reply, ...]


@dataclass(frozen=True, slots=True)
class WebhookBoard:
    """`Board`: whatever answers at the URL of `site`, which is never shown: such URLs carry secrets."""

    site: Site

    async def create(self, new: NewTask) -> Listed:
        labels: list[JsonValue] = [*new.labels]
        fields: dict[str, JsonValue] = {"title": new.title, "description": new.description, "labels": labels}
        return await self._one({"action": "create", **fields, "priority": new.priority, "assignee": new.assignee})

    async def list(self, wanted: Wanted) -> Listed:
        fields: dict[str, JsonValue] = {"status": wanted.status, "assignee": wanted.assignee, "label": wanted.label}
        return await self._call({"action": "list", **fields, "limit": wanted.limit}, wanted.limit)

    async def update(self, task_id: str, status: str, comment: str) -> Listed:
        return await self._one({"action": "update", "task_id": task_id, "status": status, "comment": comment})

    async def search(self, query: str, limit: int) -> Listed:
        return await self._call({"action": "search", "query": query, "limit": limit}, limit)

    async def _one(self, fields: dict[str, JsonValue]) -> Listed:
        listed = await self._call(fields, 1)
        if not listed.tasks:
            raise ToolError("outside_failed", f"{self.site.name} answered with no task")
        return listed

    async def _call(self, fields: dict[str, JsonValue], limit: int) -> Listed:
        json = (("content-type", "application/json"),)
        body = orjson.dumps(fields)
        answer = await self.site.fetched(
            FetchRequest(self.site.base, "POST", json, secret_headers=self.site.secrets, body=body)
        )
        response = self.site.understood(replace(answer, url=parse_url(answer.url).origin), _Answer)
        return Listed(tuple(_task(one) for one in response.reply.tasks[:limit]), response.source)


def _task(one: _Reply) -> Task:
    return Task(
        id=line(str(one.id), 80),
        title=line(one.title, 300),
        status=line(one.status, 40),
        priority=line(one.priority, 40),
        assignee=line(one.assignee, 120),
        labels=tuple(line(label, 120) for label in one.labels[:50]),
        url=link(one.url),
        updated_at=line(one.updated_at, 40),
    )
