"""Arguments and results of the tools for tasks."""

from pydantic import Field

from services.mcp.contract import Annotations, AnswerStyle, Limit, ToolModel
from services.mcp.tools.served.tasks.board import Priority, Task
from services.mcp.tools.served.web.site import Source

MAX_TITLE_CHARS = 250
MAX_TEXT_CHARS = 20_000
MAX_NAME_CHARS = 120
MAX_LABELS_CHARS = 500
MAX_ID_CHARS = 80
MAX_QUERY_CHARS = 300
MAX_TASKS = 50
LABELS_AT_MOST = 20

READS = Annotations(open_world=True)
# Twice is two tasks, or the same comment twice.
WRITES = Annotations(read_only=False, idempotent=False, open_world=True)
CHANGES = Annotations(read_only=False, idempotent=False, open_world=True, destructive=True)  # of the status before
TASKS_LIMIT = Limit(name="tasks", value=MAX_TASKS, unit="tasks")
TEXT_LIMIT = Limit(name="text_chars", value=MAX_TEXT_CHARS, unit="characters")


class CreateTaskArguments(ToolModel):
    """A task; labels with commas between."""

    title: str = Field(min_length=1, max_length=MAX_TITLE_CHARS, pattern=r"\S")
    description: str = Field("", max_length=MAX_TEXT_CHARS)
    labels: str = Field("", max_length=MAX_LABELS_CHARS)
    priority: Priority = "medium"
    assignee: str = Field("", max_length=MAX_NAME_CHARS)


class ListTasksArguments(ToolModel):
    """What is empty leaves none out; a status is one of the board's own."""

    status: str = Field("", max_length=MAX_NAME_CHARS)
    assignee: str = Field("", max_length=MAX_NAME_CHARS)
    label: str = Field("", max_length=MAX_NAME_CHARS)
    limit: int = Field(20, ge=1, le=MAX_TASKS)


class UpdateTaskArguments(ToolModel):
    """A task by its id on the board, and a status, a comment or both."""

    task_id: str = Field(min_length=1, max_length=MAX_ID_CHARS, pattern=r"^[A-Za-z0-9#._-]+$")
    status: str = Field("", max_length=MAX_NAME_CHARS)
    comment: str = Field("", max_length=MAX_TEXT_CHARS)


class SearchTasksArguments(ToolModel):
    """Words that a task has."""

    query: str = Field(min_length=1, max_length=MAX_QUERY_CHARS, pattern=r"\S")
    limit: int = Field(10, ge=1, le=MAX_TASKS)


class TaskResult(ToolModel):
    """The task as the board has it now."""

    task: Task
    source: Source


class TasksResult(ToolModel):
    """Tasks as the board has them now."""

    tasks: tuple[Task, ...]
    source: Source


def describe_one(result: TaskResult, style: AnswerStyle) -> str:
    verb = "steht bei" if style.language == "de" else "is kept by"
    return f"{_line(result.task)} {verb} {result.source.name}."


def describe_all(result: TasksResult, style: AnswerStyle) -> str:
    """One sentence with the first tasks."""
    german = style.language == "de"
    if not result.tasks:
        return (
            f"{result.source.name} hat keine solche Aufgabe." if german else f"{result.source.name} has no such task."
        )
    more = len(result.tasks) - 5
    rest = f"; {'und weitere' if german else 'and'} {more}{'' if german else ' more'}" if more > 0 else ""
    return f"{result.source.name}: {'; '.join(_line(one) for one in result.tasks[:5])}{rest}."


def _line(task: Task) -> str:
    about = ", ".join(part for part in (task.status, task.assignee) if part)
    return f"{task.id} “{task.title}”{f' ({about})' if about else ''}"
