"""Parses the tasks in a planning model's answer. Never raises: unreadable parts are skipped."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite

from pydantic import JsonValue

from libs.core.text import capped, without_thinking

MAX_PLAN_CHARS = 50_000
MAX_TASK_CHARS = 2_000
MAX_DEPTH = 6  # of the arguments of a tool
_MAX_ATTEMPTS = 200
_DECODER = json.JSONDecoder()
_LISTS = ("tasks", "plan", "subtasks", "steps")
_TASK = ("task", "task_description", "instruction", "description")

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RawTask:
    """One task as the model wrote it; `names` are the names by which other tasks refer to it."""

    task: str
    category: str
    tool: str = ""
    arguments: Mapping[str, JsonValue] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


def read_tasks(text: str) -> tuple[RawTask, ...]:
    """The tasks in order, from clean JSON, JSON in prose or fences, or a plan that breaks off."""
    loose: list[object] = []
    for value in _values_in(without_thinking(text)[:MAX_PLAN_CHARS]):
        if tasks := _tasks_of(_listed(value)):
            return tasks
        loose.append(value)
    return _tasks_of(loose)


def clean(text: str) -> str:
    """Remove control characters and lone surrogates, and cap the length."""
    printable = "".join(character for character in text if character.isprintable() or character in "\n\t")
    return capped(printable.strip(), MAX_TASK_CHARS)


def _values_in(text: str) -> Iterator[object]:
    """Yield every complete JSON object or list; of an incomplete one, its complete inner values."""
    place = 0
    for _ in range(_MAX_ATTEMPTS):
        starts = [start for start in (text.find("{", place), text.find("[", place)) if start >= 0]
        if not starts:
            return
        try:
            value, place = _DECODER.raw_decode(text, min(starts))
        except (ValueError, RecursionError):
            place = min(starts) + 1
        else:
            yield value


def _listed(value: object) -> list[object]:
    """The items of a list, or of the list that an object holds under a name for tasks."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return []
    inner = next((value[name] for name in _LISTS if name in value), None)
    if isinstance(inner, dict):
        return _listed(inner) or [inner]
    return inner if isinstance(inner, list) else []


def _tasks_of(items: list[object]) -> tuple[RawTask, ...]:
    tasks = (_task(item, position) for position, item in enumerate(items, start=1) if isinstance(item, dict))
    return tuple(task for task in tasks if task.task or task.tool)


def _task(item: Fields, position: int) -> RawTask:
    tool = _text(item, "mcp_tool", "tool")
    return RawTask(
        task=clean(_text(item, *_TASK)),
        category=_text(item, "category").strip().lower().replace(" ", "_").replace("-", "_"),
        tool=tool.strip().lower(),
        arguments=_arguments(next((item[name] for name in ("mcp_args", "arguments", "args") if name in item), None)),
        names=tuple(name for name in (_scalar(item.get("id")), f"t{position}", str(position)) if name),
        needs=_names(next((item[name] for name in ("needs", "depends_on") if name in item), None)),
    )


def _text(item: Fields, *names: str) -> str:
    texts = (item.get(name) for name in names)
    return next((text for text in texts if isinstance(text, str) and text.strip()), "")


def _arguments(value: object) -> Mapping[str, JsonValue]:
    """Some models write the object as a string."""
    if isinstance(value, str):
        value = next(_values_in(value[:MAX_TASK_CHARS]), None)
    printable = _storable(value, MAX_DEPTH)
    return printable if isinstance(printable, dict) else {}


def _storable(value: object, depth: int) -> JsonValue:
    """A JSON value that every store accepts; None for deeper nesting and for NaN or infinity."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list | dict) and depth == 0:
        return None
    if isinstance(value, list):
        return [_storable(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {clean(str(name)): _storable(item, depth - 1) for name, item in value.items()}
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value if isinstance(value, int) else None


def _names(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(name for name in map(_scalar, items) if name)


def _scalar(value: object) -> str:
    is_scalar = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value).strip() if is_scalar else ""
