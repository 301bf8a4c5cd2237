"""The default script: it serves every stage of the fleet, so that a request ends with an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import orjson

from libs.testing.model_server.script import Prompt, Reply, Rule

Node = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """A plan has one task for each of `categories`, taken round robin if `tasks` is larger or smaller."""

    tasks: int = 3
    categories: tuple[str, ...] = ("general", "technical_support", "reasoning")
    confidence: str = "high"
    delay_s: float = 0.0
    piece_delay_s: float = 0.0


def pipeline_script(options: PipelineOptions | None = None) -> tuple[Rule, ...]:
    """Rules for planner, experts, judge, critic and plain chat. All texts but the verdict echo the `#token`."""
    options = options or PipelineOptions()
    base = Reply(delay_s=options.delay_s, piece_delay_s=options.piece_delay_s)
    return (
        Rule(replace(base, text=lambda prompt: plan_text(prompt, options)), stage="planner"),
        Rule(replace(base, text=lambda prompt: expert_text(prompt, options.confidence)), stage="expert"),
        Rule(replace(base, text=trace_text), stage="thinker"),
        Rule(replace(base, text=judge_text), stage="judge"),
        Rule(replace(base, text="CONFIRMED"), stage="critic"),
        Rule(replace(base, text=chat_text)),
    )


def expert_text(prompt: Prompt, confidence: str = "high") -> str:
    """An answer that satisfies the experts' output contract."""
    return (
        f"KEY_MESSAGE: Small bounded pools are the right start {prompt.token}\n"
        f"CONFIDENCE: {confidence}\n"
        f"DETAILS: The {prompt.category or 'general'} view of {prompt.token}: a bounded pool keeps latency steady, "
        f"lets the database absorb bursts, and gives operators one number to watch while the load grows."
    )


def trace_text(prompt: Prompt) -> str:
    return f"Notes on {prompt.token}: the sources agree, nothing is missing, the order of steps comes first."


def judge_text(prompt: Prompt) -> str:
    return (
        f"The joint answer to {prompt.token}: start with small bounded pools, measure the waiting time, and grow them "
        f"only when the measurement asks for it. All experts agree on this order of steps."
    )


def chat_text(prompt: Prompt) -> str:
    return f"A plain answer to {prompt.token or 'the question'}: start small and measure before you grow anything."


def plan_text(prompt: Prompt, options: PipelineOptions) -> str:
    """A plan that fits the schema in the prompt; without one, `{"tasks": [{"category": …, "task": …}]}`."""
    field, schema = _task_list(prompt.schema)
    picked = (options.categories[index % len(options.categories)] for index in range(options.tasks))
    tasks = [
        _filled(schema, prompt.schema, f"t{number}", _task(number, prompt), category)
        for number, category in enumerate(picked, start=1)
    ]
    return orjson.dumps({field: tasks}).decode()


def _task(number: int, prompt: Prompt) -> str:
    return f"Explain aspect {number} of the question {prompt.token} with concrete recommendations"


def _task_list(schema: Node) -> tuple[str, Node]:
    """Name and item schema of the first list of objects in the schema."""
    for name, node in _properties(schema).items():
        resolved = _resolved(node, schema)
        if resolved.get("type") == "array":
            item = _resolved(resolved.get("items"), schema)
            if _properties(item):
                return name, item
    return "tasks", {"properties": {"category": {"type": "string"}, "task": {"type": "string"}}}


def _filled(item: Node, root: Node, name: str, task: str, category: str) -> dict[str, object]:
    required = item.get("required")
    wanted = {"id", "category", "task", *(required if isinstance(required, list) else ())}
    known = {"id": name, "category": category}
    return {
        field: known.get(field) or _value(_resolved(node, root), task)
        for field, node in _properties(item).items()
        if field in wanted
    }


def _value(node: Node, text: str) -> object:
    choices = node.get("enum")
    if isinstance(choices, Sequence) and choices:
        return choices[0]
    if "const" in node:
        return node["const"]
    empty: dict[object, object] = {"array": [], "object": {}, "boolean": False, "integer": 0, "number": 0, "null": None}
    return empty.get(node.get("type"), text)


def _properties(node: Node) -> Mapping[str, object]:
    properties = node.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def _resolved(node: object, root: Node) -> Node:
    if not isinstance(node, Mapping):
        return {}
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return node
    definitions = root.get("$defs")
    found = definitions.get(reference.rpartition("/")[2]) if isinstance(definitions, Mapping) else None
    return found if isinstance(found, Mapping) else {}
