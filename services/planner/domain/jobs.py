"""Converts raw tasks to jobs: each item once, by a tool if one can do it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue

from libs.contracts.finding import Category
from libs.contracts.plan import ToolCall
from libs.contracts.staffing import ModelRef
from libs.contracts.tool_catalogue import OfferedTool
from services.planner.domain.arguments import fitted
from services.planner.domain.offer import MAX_TASKS, Capabilities
from services.planner.domain.reading import RawTask

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Job:
    """A task for a tool (`call`), for another source (`kind`) or for an expert of `category`.

    `names` and `needs` are those of the raw task.

    `model` is set for an additional opinion on the same task: only that model answers it.
    """

    task: str
    category: Category = "general"
    call: ToolCall | None = None
    names: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    model: ModelRef | None = None
    kind: str = ""


def jobs_of(tasks: tuple[RawTask, ...], capabilities: Capabilities) -> tuple[Job, ...]:
    """At most four jobs. A job passes its names to the job that replaces it, so that needs still resolve."""
    jobs = tuple(job for task in tasks if (job := _job(task, capabilities)) is not None)
    winners = [_winner(jobs, index) for index in range(len(jobs))]
    winning = (index for index, winner in enumerate(winners) if index == winner)
    return tuple(replace(jobs[index], names=_names(jobs, winners, index)) for index in winning)[:MAX_TASKS]


def tool_call(tool: str, arguments: Mapping[str, JsonValue], tools: tuple[OfferedTool, ...]) -> ToolCall | None:
    """The call without unknown arguments; None if the tool is not offered or a required argument is missing."""
    known = next((offered for offered in tools if offered.name == tool), None)
    taken = None if known is None else fitted(arguments, known.arguments)
    return None if taken is None else ToolCall(tool=tool, arguments=taken)


def _job(raw: RawTask, capabilities: Capabilities) -> Job | None:
    """A task with an unknown or wrongly called tool becomes an expert's; unknown categories become the default."""
    if call := tool_call(raw.tool or raw.category, raw.arguments, capabilities.tools):
        task = raw.task or f"{call.tool}: {', '.join(map(str, call.arguments.values()))}"
        return Job(task, call=call, names=raw.names)
    if raw.task and any(source.kind == raw.category for source in capabilities.sources):
        return Job(raw.task, names=raw.names, needs=raw.needs, kind=raw.category)
    category = next((known for known in capabilities.experts if known == raw.category), capabilities.default)
    return Job(raw.task, category, names=raw.names, needs=raw.needs) if raw.task else None


def _winner(jobs: tuple[Job, ...], index: int) -> int:
    """Index of the job that covers this one's item: its own unless another job covers it."""
    for other, job in enumerate(jobs):
        if other != index and _stands_for(job, jobs[index], earlier=other < index):
            return _winner(jobs, other)
    return index


def _stands_for(job: Job, other: Job, *, earlier: bool) -> bool:
    if job.call is not None and other.call is None:
        return _is_same_text(job, other) or (other.category == "math" and _computes(job.call, other.task))
    if job.call is not None or other.call is not None:
        return earlier and job.call == other.call
    return earlier and job.kind == other.kind and _is_same_text(job, other)


def _is_same_text(job: Job, other: Job) -> bool:
    return job.task.casefold().split() == other.task.casefold().split()


def _computes(call: ToolCall, task: str) -> bool:
    """Tools take precedence over math: a math task with all the numbers of a tool's arguments is the same item."""
    numbers = {int(number) for value in call.arguments.values() for number in _NUMBER.findall(str(value))}
    return bool(numbers) and numbers <= {int(number) for number in _NUMBER.findall(task)}


def _names(jobs: tuple[Job, ...], winners: list[int], index: int) -> tuple[str, ...]:
    return tuple(name for job, winner in zip(jobs, winners, strict=True) if winner == index for name in job.names)
