"""Parsing of requests in Anthropic's protocol."""

from collections.abc import Mapping
from dataclasses import replace

from services.gateway.dialects.bodies import present
from services.gateway.dialects.messages.blocks import add_turn, instructions
from services.gateway.dialects.messages.body import CountBody, Format, MessagesBody, Metadata, Thinking, ToolBody
from services.gateway.dialects.naming import parse_request
from services.gateway.dialects.turns import Turns, function_tool, json_schema_format
from services.gateway.domain.body.checked import checked
from services.gateway.domain.body.client_users import user_and_session
from services.gateway.domain.errors import invalid
from services.gateway.domain.question.inference_request import InferenceRequest

NAMES: Mapping[str, str] = {
    "messages": "messages",
    "stop": "stop_sequences",
    "response_format": "output_config.format",
    "user": "metadata.user_id",
    "parallel_tool_calls": "tool_choice.disable_parallel_tool_use",
}
SHOWS_THINKING = '{"thinking":true}'


def read_messages(body: dict[str, object]) -> InferenceRequest:
    """Parse a body. Raises RequestRefused (400) with the name of the field."""
    read = checked(MessagesBody, body)
    user, session = _person(read.metadata)
    request = parse_request(present({**counted(read), **_wishes(read), "user": user or None}), NAMES)
    return replace(request, session=session, echo=SHOWS_THINKING if _shows(read.thinking) else "")


def counted(body: CountBody) -> dict[str, object]:
    """Fields that a model reads, in OpenAI's chat shape. Raises RequestRefused (400)."""
    turns = Turns()
    for text in instructions(body.system):
        turns.instruct(text)
    for index, turn in enumerate(body.messages):
        add_turn(turns, turn, f"messages[{index}]")
    tools = [_tool(tool, f"tools[{index}]") for index, tool in enumerate(body.tools or [])]
    return {"model": body.model, "messages": turns.all(), "tools": tools or None, **_choice(body)}


def _wishes(body: MessagesBody) -> dict[str, object]:
    wanted = body.output_format or (body.output_config.format if body.output_config else None)
    return {
        "max_tokens": body.max_tokens,
        "stream": body.stream,
        "stop": body.stop_sequences or None,
        "temperature": body.temperature,
        "top_p": body.top_p,
        "top_k": body.top_k,
        "response_format": _format(wanted),
    }


def _format(wanted: Format | None) -> dict[str, object] | None:
    if wanted is None:
        return None
    if wanted.type != "json_schema" or wanted.schema_ is None:
        raise invalid("The format must be a json_schema.", param="output_config.format", code="invalid_value")
    return json_schema_format(wanted.schema_)


def _tool(tool: ToolBody, where: str) -> dict[str, object]:
    if tool.type not in (None, "custom"):
        message = f"`{tool.type[:80]}` runs at Anthropic; only tools of the client can be called."
        raise invalid(message, param=f"{where}.type", code="unsupported_parameter")
    return function_tool(tool.name, tool.description, tool.input_schema, strict=tool.strict)


def _choice(body: CountBody) -> dict[str, object]:
    choice = body.tool_choice
    if choice is None or not body.tools:
        return {}
    parallel = {"parallel_tool_calls": False} if choice.disable_parallel_tool_use else {}
    match choice.type:
        case "auto" | "none":
            return {"tool_choice": choice.type, **parallel}
        case "any":
            return {"tool_choice": "required", **parallel}
        case "tool" if choice.name is not None:
            return {"tool_choice": {"type": "function", "function": {"name": choice.name}}, **parallel}
    raise invalid("The choice must be auto, any, none, or tool with a name.", param="tool_choice", code="invalid_value")


def _shows(thinking: Thinking | None) -> bool:
    return thinking is not None and thinking.type in {"enabled", "adaptive"} and thinking.display != "omitted"


def _person(metadata: Metadata | None) -> tuple[str, str]:
    return user_and_session((metadata and metadata.user_id) or "")
