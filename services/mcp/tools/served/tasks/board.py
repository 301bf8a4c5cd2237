"""A task board, independent of its provider."""

from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import Field

from services.mcp.contract import ToolModel
from services.mcp.tools.served.web.site import Source

Priority = Literal["urgent", "high", "medium", "low", "none"]


class Task(ToolModel):
    """One task. Empty fields: unknown to the board."""

    id: str
    title: str
    status: str
    priority: str
    assignee: str
    labels: tuple[str, ...]
    url: str
    updated_at: str = Field(description="ISO 8601 as the board gives it")


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to create; an empty assignee means unassigned."""

    title: str
    description: str
    labels: tuple[str, ...]
    priority: Priority
    assignee: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Task filter; empty fields match all."""

    status: str
    assignee: str
    label: str
    limit: int


@dataclass(frozen=True, slots=True)
class Listed:
    """Tasks and their source."""

    tasks: tuple[Task, ...]
    source: Source


class Board(Protocol):
    """Store of tasks. All methods raise ToolError."""

    async def create(self, new: NewTask) -> Listed:
        """Make a task and return it. Doing it twice makes two."""
        ...

    async def list(self, wanted: Wanted) -> Listed:
        """Latest change first."""
        ...

    async def update(self, task_id: str, status: str, comment: str) -> Listed:
        """Change the status, add a comment, whichever is not empty, and return the task."""
        ...

    async def search(self, query: str, limit: int) -> Listed:
        """Tasks that match some words."""
        ...
