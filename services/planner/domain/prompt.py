"""The planning prompt and the JSON Schema of its answer."""

from libs.contracts.question import Question
from libs.contracts.staffing import StageRole
from libs.contracts.tool_catalogue import OfferedTool
from libs.core.prompt_blocks import data_blocks
from libs.core.window import newest_that_fit
from libs.ports.llm import ChatMessage, JsonSchema
from services.planner.domain.arguments import signature, strict_schema
from services.planner.domain.offer import EXPERTS, MAX_TASKS, TOOL_CATEGORY, Capabilities

DEFAULT_ROLE = StageRole()
MAX_LINE = 160  # characters per tool
_LANGUAGES = {"en": "English", "de": "German"}


def render(
    question: Question, template: str, capabilities: Capabilities, role: StageRole = DEFAULT_ROLE
) -> tuple[ChatMessage, ...]:
    """Messages of one planning call; `role` is the planner's part of an expert template."""
    tools = (_line(tool) for tool in capabilities.tools)
    experts = {category: EXPERTS[category] for category in capabilities.experts}
    categories = experts | {source.kind: source.offer for source in capabilities.sources}
    fields = {
        "{categories}": "\n".join(f"- {category}: {purpose}" for category, purpose in categories.items()),
        "{tools}": "\n".join(tools) or "- none",
        "{language}": _LANGUAGES[question.language],
    }
    system = template
    for name, text in fields.items():
        system = system.replace(name, text)
    if role.prompt:
        system = f"{system.rstrip()}\n\nFor this team of experts, besides:\n{role.prompt}"
    turns = [f"{turn.speaker}: {turn.text}" for turn in question.history]
    besides = sum(map(len, (system, question.instructions, question.text)))
    material = data_blocks(
        ("instructions", question.instructions),
        ("history", "\n".join(newest_that_fit(turns, [*map(len, turns)], role.context_window, besides))),
        ("question", question.text),
    )
    return ChatMessage("system", system), ChatMessage("user", material)


def plan_schema(capabilities: Capabilities) -> JsonSchema:
    """Closed and fully required, so that strict servers can enforce it."""
    task = {"anyOf": [_expert_task(capabilities), *(_tool_task(tool) for tool in capabilities.tools)]}
    tasks = {"type": "array", "items": task, "minItems": 1, "maxItems": MAX_TASKS}
    return {"title": "plan"} | _closed({"tasks": tasks})


def _line(tool: OfferedTool) -> str:
    """The call and the purpose of a tool; trailing optional arguments are dropped until the line fits."""
    names = signature(tool.arguments)
    line = f"- {tool.name}({', '.join(names)}): {tool.purpose.en}"
    while len(line) > MAX_LINE and names and names[-1].endswith("?"):
        names = names[:-1]
        line = f"- {tool.name}({', '.join([*names, '…'])}): {tool.purpose.en}"
    return line


def _expert_task(capabilities: Capabilities) -> dict[str, object]:
    kinds = (source.kind for source in capabilities.sources)
    return _task({"type": "string", "enum": [*capabilities.experts, *kinds]}, {})


def _tool_task(tool: OfferedTool) -> dict[str, object]:
    arguments = strict_schema(tool.arguments)
    return _task(_only(TOOL_CATEGORY), {"mcp_tool": _only(tool.name), "mcp_args": arguments})


def _task(category: dict[str, object], more: dict[str, object]) -> dict[str, object]:
    needs = {"type": "array", "items": {"type": "string"}}
    text = {"type": "string"}
    return _closed({"id": text, "category": category, "task": text, **more, "needs": needs})


def _only(value: str) -> dict[str, object]:
    return {"type": "string", "enum": [value]}


def _closed(properties: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
