"""`pm_create_task`, `pm_list_tasks`, `pm_update_task`, `pm_search_tasks`: the tasks on the operator's board."""

from services.mcp.contract import Bilingual, Caller, ErrorExample, Limit, ServedTool, ToolError
from services.mcp.tools.served.tasks.board import Board, NewTask, Wanted
from services.mcp.tools.served.tasks.examples import CREATED, FOUND, LISTED, UPDATED
from services.mcp.tools.served.tasks.models import (
    CHANGES,
    LABELS_AT_MOST,
    MAX_QUERY_CHARS,
    READS,
    TASKS_LIMIT,
    TEXT_LIMIT,
    WRITES,
    CreateTaskArguments,
    ListTasksArguments,
    SearchTasksArguments,
    TaskResult,
    TasksResult,
    UpdateTaskArguments,
    describe_all,
    describe_one,
)


def create_task(board: Board, why_not: str | None) -> ServedTool[CreateTaskArguments, TaskResult]:
    async def run(arguments: CreateTaskArguments, _: Caller) -> TaskResult:
        labels = tuple(label.strip() for label in arguments.labels.split(",") if label.strip())
        if len(labels) > LABELS_AT_MOST:
            raise ToolError("limit_exceeded", f"labels: the limit is {LABELS_AT_MOST}")
        new = NewTask(arguments.title, arguments.description, labels, arguments.priority, arguments.assignee)
        listed = await board.create(new)
        return TaskResult(task=listed.tasks[0], source=listed.source)

    return ServedTool(
        name="pm_create_task",
        group="data",
        description=Bilingual(en="Make a task on the project's board", de="Eine Aufgabe im Projekt anlegen"),
        keywords=Bilingual(
            en="create task ticket issue todo project board", de="aufgabe anlegen erstellen ticket projekt todo"
        ),
        arguments=CreateTaskArguments,
        result=TaskResult,
        run=run,
        answer=describe_one,
        limits=(TEXT_LIMIT, Limit(name="labels", value=LABELS_AT_MOST, unit="labels")),
        example=CREATED,
        error_example=ErrorExample(args={"title": "x", "priority": "now"}, code="invalid_argument"),
        annotations=WRITES,
        unavailable=why_not,
    )


def list_tasks(board: Board, why_not: str | None) -> ServedTool[ListTasksArguments, TasksResult]:
    async def run(arguments: ListTasksArguments, _: Caller) -> TasksResult:
        listed = await board.list(Wanted(arguments.status, arguments.assignee, arguments.label, arguments.limit))
        return TasksResult(tasks=listed.tasks, source=listed.source)

    return ServedTool(
        name="pm_list_tasks",
        group="data",
        description=Bilingual(en="List the tasks on the project's board", de="Die Aufgaben des Projekts auflisten"),
        keywords=Bilingual(
            en="list tasks tickets open status assignee label project",
            de="aufgaben auflisten tickets offen status projekt",
        ),
        arguments=ListTasksArguments,
        result=TasksResult,
        run=run,
        answer=describe_all,
        limits=(TASKS_LIMIT,),
        example=LISTED,
        error_example=ErrorExample(args={"limit": 0}, code="invalid_argument"),
        annotations=READS,
        unavailable=why_not,
    )


def update_task(board: Board, why_not: str | None) -> ServedTool[UpdateTaskArguments, TaskResult]:
    async def run(arguments: UpdateTaskArguments, _: Caller) -> TaskResult:
        if not arguments.status.strip() and not arguments.comment.strip():
            raise ToolError("invalid_argument", "status, comment: give at least one of them")
        listed = await board.update(arguments.task_id, arguments.status.strip(), arguments.comment.strip())
        return TaskResult(task=listed.tasks[0], source=listed.source)

    return ServedTool(
        name="pm_update_task",
        group="data",
        description=Bilingual(
            en="Change a task's status or add a comment", de="Den Status einer Aufgabe ändern oder sie kommentieren"
        ),
        keywords=Bilingual(
            en="update task ticket status close done comment",
            de="aufgabe ändern ticket status schließen erledigt kommentar",
        ),
        arguments=UpdateTaskArguments,
        result=TaskResult,
        run=run,
        answer=describe_one,
        limits=(TEXT_LIMIT,),
        example=UPDATED,
        error_example=ErrorExample(args={"task_id": "7"}, code="invalid_argument"),
        annotations=CHANGES,
        unavailable=why_not,
    )


def search_tasks(board: Board, why_not: str | None) -> ServedTool[SearchTasksArguments, TasksResult]:
    async def run(arguments: SearchTasksArguments, _: Caller) -> TasksResult:
        listed = await board.search(arguments.query, arguments.limit)
        return TasksResult(tasks=listed.tasks, source=listed.source)

    return ServedTool(
        name="pm_search_tasks",
        group="data",
        description=Bilingual(en="Find tasks by words", de="Aufgaben nach Wörtern finden"),
        keywords=Bilingual(en="search find tasks tickets project words", de="aufgaben suchen finden tickets projekt"),
        arguments=SearchTasksArguments,
        result=TasksResult,
        run=run,
        answer=describe_all,
        limits=(TASKS_LIMIT, Limit(name="query_chars", value=MAX_QUERY_CHARS, unit="characters")),
        example=FOUND,
        error_example=ErrorExample(args={"query": " "}, code="invalid_argument"),
        annotations=READS,
        unavailable=why_not,
    )
