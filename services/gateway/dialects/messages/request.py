"""Parsing of message requests, block by block."""

from collections.abc import Mapping
from dataclasses import replace

from services.gateway.dialects.bodies import present
from services.gateway.dialects.messages.body import (
    Block,
    Blocks,
    CountBody,
    Format,
    MessagesBody,
    Metadata,
    Source,
    Thinking,
    ToolBody,
    TurnBody,
)
from services.gateway.dialects.naming import parse_request
from services.gateway.dialects.turns import (
    Part,
    Turns,
    file_part,
    function_call,
    function_tool,
    image_part,
    json_schema_format,
    text_part,
)
from services.gateway.domain.body.json import checked
from services.gateway.domain.body.media import Kind, data_url, media_url
from services.gateway.domain.errors import RequestRefused, invalid
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.question.identity import user_and_session

_BILLING = "x-anthropic-billing-header:"  # Claude Code sends this bookkeeping as an instruction


def instructions(blocks: Blocks | None, where: str = "system") -> list[str]:
    """Texts of a system prompt. Raises RequestRefused (400)."""
    if blocks is None:
        return []
    if isinstance(blocks, str):
        return [blocks]
    texts = [_needed(block.text, f"{where}[{index}].text") for index, block in enumerate(blocks)]
    return [text for text in texts if not text.startswith(_BILLING)]


def add_turn(turns: Turns, turn: TurnBody, where: str) -> None:
    """Add one turn to a conversation. Raises RequestRefused (400) with the name of the block."""
    content = turn.content
    blocks = [Block(type="text", text=content)] if isinstance(content, str) else content
    match turn.role:
        case "user":
            _add_user(turns, blocks, f"{where}.content")
        case "assistant":
            _add_assistant(turns, blocks, f"{where}.content")
        case "system":
            for text in instructions(content, f"{where}.content"):
                turns.instruct(text)
        case _:
            raise invalid("The role must be user, assistant or system.", param=f"{where}.role", code="invalid_value")


def _add_user(turns: Turns, blocks: list[Block], where: str) -> None:
    """Tool results go first, as a chat requires; their images follow in a user turn."""
    parts: list[Part] = []
    for index, block in enumerate(blocks):
        path = f"{where}[{index}]"
        if block.type == "tool_result":
            parts += _add_result(turns, block, path)
        else:
            parts += _parts(block, path)
    if parts:
        turns.user(parts)


def _add_result(turns: Turns, block: Block, where: str) -> list[Part]:
    """Parts that a tool message cannot contain are returned."""
    call_id = _needed(block.tool_use_id, f"{where}.tool_use_id")
    content = _content(block, where) or []
    blocks = [Block(type="text", text=content)] if isinstance(content, str) else content
    parts = [part for index, each in enumerate(blocks) for part in _parts(each, f"{where}.content[{index}]")]
    text = "\n".join(str(part["text"]) for part in parts if part["type"] == "text")
    others = [part for part in parts if part["type"] != "text"]
    turns.tool(call_id, f"Error: {text}" if block.is_error else text)
    return [text_part(f"From the result of {call_id}:"), *others] if others else []


def _add_assistant(turns: Turns, blocks: list[Block], where: str) -> None:
    """Drops blocks that only Anthropic's servers understand (signatures, their searches)."""
    texts: list[str] = []
    thoughts: list[str] = []
    calls: list[dict[str, object]] = []
    for index, block in enumerate(blocks):
        path = f"{where}[{index}]"
        match block.type:
            case "text":
                texts.append(_needed(block.text, f"{path}.text"))
            case "thinking":
                thoughts.append(block.thinking or "")
            case "tool_use":
                call_id, name = _needed(block.id, f"{path}.id"), _needed(block.name, f"{path}.name")
                calls.append(function_call(call_id, name, block.input or {}))
    turns.assistant("\n".join(texts), calls, "\n".join(filter(None, thoughts)))


def _parts(block: Block, where: str) -> list[Part]:
    match block.type:
        case "text":
            return [text_part(_needed(block.text, f"{where}.text"))]
        case "image":
            return [image_part(_address(_source(block, where), "image", where))]
        case "document":
            return _document(block, where)
        case "search_result":
            texts = instructions(_content(block, where), f"{where}.content")
            return [text_part("\n".join([block.title or "", str(block.source or ""), *texts]).strip())]
        case "tool_reference":  # names a tool that `tools` contains anyway
            return []
    message = f"Blocks of type `{block.type[:80]}` cannot be read."
    raise invalid(message, param=f"{where}.type", code="unsupported_content")


def _content(block: Block, where: str) -> Blocks | None:
    if isinstance(block.content, dict):
        raise invalid("Text or a list of blocks is wanted.", param=f"{where}.content", code="invalid_value")
    return block.content


def _document(block: Block, where: str) -> list[Part]:
    source = _source(block, where)
    heading = "\n".join(filter(None, [block.title, block.context]))
    head = [text_part(heading)] if heading else []
    match source.type:
        case "text":
            return [*head, text_part(_needed(source.data, f"{where}.source.data"))]
        case "content":
            inner = source.content or []
            blocks = [Block(type="text", text=inner)] if isinstance(inner, str) else inner
            inside = f"{where}.source.content"
            return [*head, *(part for at, each in enumerate(blocks) for part in _parts(each, f"{inside}[{at}]"))]
        case "base64":
            return [*head, file_part(block.title or "document.pdf", _address(source, "file", where))]
    raise _no_source(source, where)


def _source(block: Block, where: str) -> Source:
    if not isinstance(block.source, dict):
        raise invalid("The block needs a source.", param=f"{where}.source", code="invalid_value")
    return checked(Source, block.source, f"{where}.source")


def _address(source: Source, kind: Kind, where: str) -> str:
    match source.type:
        case "base64":
            media_type = _needed(source.media_type, f"{where}.source.media_type").strip().lower()
            return data_url(media_type, source.data, kind, f"{where}.source.data")
        case "url":
            return media_url(source.url, kind, f"{where}.source.url")
    raise _no_source(source, where)


def _no_source(source: Source, where: str) -> RequestRefused:
    message = f"Sources of type `{source.type[:80]}` cannot be read."
    return invalid(message, param=f"{where}.source.type", code="unsupported_content")


def _needed(value: str | None, where: str) -> str:
    if value is None:
        raise invalid("The field is missing.", param=where, code="invalid_value")
    return value


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
