"""Parsing of requests of OpenAI's Responses, item by item."""

from collections.abc import Mapping
from dataclasses import replace

import orjson

from libs.core.ids import response_id_in
from services.gateway.dialects.bodies import present
from services.gateway.dialects.naming import parse_request
from services.gateway.dialects.responses.body import (
    Input,
    InputPart,
    InputTokensBody,
    Item,
    Parts,
    ResponsesBody,
    TextFormat,
    Tool,
)
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
from services.gateway.domain.body.chat_content import DETAILS
from services.gateway.domain.body.json import checked
from services.gateway.domain.body.media import media_url
from services.gateway.domain.errors import invalid
from services.gateway.domain.question.fleet_question import InferenceRequest

_INSTRUCTING = frozenset({"system", "developer"})


def add_input(turns: Turns, input_: Input) -> None:
    """Add an input to a conversation. Raises RequestRefused (400) with the name of the item."""
    if isinstance(input_, str):
        turns.user([text_part(input_)])
        return
    if not input_:
        raise invalid("The input is empty.", param="input")
    for index, item in enumerate(input_):
        _add(turns, item, f"input[{index}]")


def _add(turns: Turns, item: Item, where: str) -> None:
    match item.type:
        case "message":
            _add_message(turns, item, where)
        case "function_call":
            call_id, name = _needed(item.call_id, f"{where}.call_id"), _needed(item.name, f"{where}.name")
            turns.call(function_call(call_id, name, item.arguments or "{}"))
        case "function_call_output":
            _add_output(turns, item, where)
        case "reasoning":  # a model's earlier reasoning; servers want none back
            return
        case _:
            message = f"Items of type `{item.type[:80]}` cannot be read."
            raise invalid(message, param=f"{where}.type", code="unsupported_content")


def _add_message(turns: Turns, item: Item, where: str) -> None:
    if item.content is None:
        raise invalid("The message has no content.", param=f"{where}.content")
    parts = _parts(item.content, f"{where}.content")
    if item.role == "user":
        turns.user(parts)
    elif item.role == "assistant":
        turns.assistant(_text(parts), [])
    elif item.role in _INSTRUCTING:
        turns.instruct(_text(parts))
    else:
        raise invalid("The role must be system, developer, user or assistant.", param=f"{where}.role")


def _add_output(turns: Turns, item: Item, where: str) -> None:
    """Images of an output follow in a user turn: a tool message of a chat contains text only."""
    call_id = _needed(item.call_id, f"{where}.call_id")
    parts = _parts(item.output or "", f"{where}.output")
    turns.tool(call_id, _text(parts))
    if others := [part for part in parts if part["type"] != "text"]:
        turns.user([text_part(f"From the result of {call_id}:"), *others])


def _parts(content: Parts, where: str) -> list[Part]:
    if isinstance(content, str):
        return [text_part(content)]
    return [_part(part, f"{where}[{index}]") for index, part in enumerate(content)]


def _part(part: InputPart, where: str) -> Part:
    match part.type:
        case "input_text" | "output_text" | "text":
            return text_part(_needed(part.text, f"{where}.text"))
        case "refusal":
            return text_part(_needed(part.refusal, f"{where}.refusal"))
        case "input_image":
            if part.detail not in (None, *DETAILS):
                raise invalid(f"`{where}.detail`: Unknown detail.", param=f"{where}.detail", code="invalid_value")
            return image_part(media_url(part.image_url, "image", f"{where}.image_url"), part.detail)
        case "input_file":
            field = "file_url" if part.file_url is not None else "file_data"
            return file_part(part.filename or "file", media_url(getattr(part, field), "file", f"{where}.{field}"))
    message = f"Parts of type `{part.type[:80]}` cannot be read."
    raise invalid(message, param=f"{where}.type", code="unsupported_content")


def _text(parts: list[Part]) -> str:
    return "\n".join(str(part["text"]) for part in parts if part["type"] == "text")


def _needed(value: str | None, where: str) -> str:
    if value is None:
        raise invalid("The field is missing.", param=where, code="invalid_value")
    return value


NAMES: Mapping[str, str] = {
    "messages": "input",
    "max_tokens": "max_output_tokens",
    "response_format": "text.format",
    "reasoning_effort": "reasoning.effort",
}

MAX_ECHO_BYTES = 64 * 1024

_ECHOED = (
    "instructions",
    "metadata",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "text",
    "max_output_tokens",
    "temperature",
    "top_p",
    "previous_response_id",
    "background",
    "store",
    "truncation",
    "reasoning",
    "safety_identifier",
    "user",
)

_LONG = frozenset({"instructions", "tools", "text"})

_LOGPROBS = "message.output_text.logprobs"

_ELSEWHERE = (("conversation", "conversations are not kept; use `previous_response_id`"), ("prompt", "none are kept"))


def read_responses(body: dict[str, object]) -> InferenceRequest:
    """Parse a body. Raises RequestRefused (400) with the name of the field."""
    read = checked(ResponsesBody, body)
    for field, reason in _ELSEWHERE:
        if getattr(read, field) is not None:
            raise invalid(f"`{field}` is not supported: {reason}.", param=field, code="unsupported_parameter")
    _check_wishes(read)
    request = parse_request(present({**_conversation(read), **_wishes(read)}), NAMES)
    return replace(
        request,
        previous=response_id_in(read.previous_response_id or ""),
        background=bool(read.background),
        echo=_echo(body),
    )


def counted(body: dict[str, object]) -> dict[str, object]:
    """Fields that a model reads, in OpenAI's chat shape. Raises RequestRefused (400)."""
    read = checked(InputTokensBody, body)
    for field in ("conversation", "previous_response_id"):
        if getattr(read, field) is not None:
            message = f"`{field}` is not supported here: send the turns to be counted as `input`."
            raise invalid(message, param=field, code="unsupported_parameter")
    return {**_conversation(read), "tools": _tools(read)}


def _check_wishes(read: ResponsesBody) -> None:
    if read.background and read.store is False:
        raise invalid("Background responses must be stored.", param="store")
    for field, asked_for in (("top_logprobs", read.top_logprobs), ("include", _LOGPROBS in (read.include or ()))):
        if asked_for:
            message = f"`{field}` is not supported: answers have no token probabilities in this shape."
            raise invalid(message, param=field, code="unsupported_parameter")


def _conversation(read: InputTokensBody) -> dict[str, object]:
    turns = Turns()
    turns.instruct(read.instructions or "")
    add_input(turns, read.input)
    return {"model": read.model, "messages": turns.all()}


def _wishes(read: ResponsesBody) -> dict[str, object]:
    tools = _tools(read)
    return {
        "stream": read.stream,
        "max_tokens": read.max_output_tokens,
        "temperature": read.temperature,
        "top_p": read.top_p,
        "user": read.safety_identifier or read.user,
        "tools": tools,
        "tool_choice": _choice(read.tool_choice) if tools else None,
        "parallel_tool_calls": read.parallel_tool_calls if tools else None,
        "reasoning_effort": read.reasoning.effort if read.reasoning is not None else None,
        "response_format": _format(read.text.format if read.text is not None else None),
    }


def _tools(read: InputTokensBody) -> list[dict[str, object]] | None:
    return [_tool(tool, f"tools[{index}]") for index, tool in enumerate(read.tools or [])] or None


def _tool(tool: Tool, where: str) -> dict[str, object]:
    if tool.type != "function":
        message = f"Tools of type `{tool.type[:80]}` run at OpenAI; only functions of the client can be called."
        raise invalid(message, param=f"{where}.type", code="unsupported_parameter")
    if not tool.name:
        raise invalid("The tool has no name.", param=f"{where}.name", code="invalid_value")
    return function_tool(tool.name, tool.description, tool.parameters, strict=tool.strict)


def _choice(choice: object) -> object:
    match choice:
        case None | "auto" | "none" | "required":
            return choice
        case {"type": "function", "name": str(name)}:
            return {"type": "function", "function": {"name": name}}
    raise invalid("The choice must be auto, none, required or a function.", param="tool_choice", code="invalid_value")


def _format(wanted: TextFormat | None) -> dict[str, object] | None:
    if wanted is None or wanted.type == "text":
        return None
    if wanted.type == "json_object":
        return {"type": "json_object"}
    if wanted.type != "json_schema" or wanted.schema_ is None:
        raise invalid("The format must be text, json_object or a json_schema.", param="text.format")
    return json_schema_format(wanted.schema_, wanted.name, strict=wanted.strict)


def _echo(body: dict[str, object]) -> str:
    """Drops fields that are too long for every record of a request."""
    fields = present({name: body.get(name) for name in _ECHOED})
    encoded = orjson.dumps(fields)
    if len(encoded) > MAX_ECHO_BYTES:
        encoded = orjson.dumps({name: value for name, value in fields.items() if name not in _LONG})
    return encoded.decode()
