"""Conversion of input items into turns of a chat."""

from services.gateway.dialects.responses.body import Input, InputPart, Item, Parts
from services.gateway.dialects.turns import Part, Turns, file_part, function_call, image_part, text_part
from services.gateway.domain.body.media import media_url
from services.gateway.domain.errors import invalid

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
