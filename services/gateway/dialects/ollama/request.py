"""Parsing of requests in Ollama's protocols."""

from collections.abc import Mapping
from dataclasses import replace

from services.gateway.dialects.bodies import present
from services.gateway.dialects.naming import parse_request
from services.gateway.dialects.ollama.body import ChatBody, CommonBody, GenerateBody, Hints, MessageBody
from services.gateway.dialects.ollama.loading import Loading, loading
from services.gateway.dialects.turns import (
    Message,
    Part,
    Turns,
    function_call,
    image_part,
    json_schema_format,
    text_part,
)
from services.gateway.domain.body.json import checked
from services.gateway.domain.body.media import data_url, media_url
from services.gateway.domain.errors import invalid
from services.gateway.domain.question.fleet_question import InferenceRequest

_COMMON: Mapping[str, str] = {
    "stop": "options.stop",
    "max_tokens": "options.num_predict",
    "temperature": "options.temperature",
    "response_format": "format",
    "reasoning_effort": "think",
}
CHAT_NAMES: Mapping[str, str] = {**_COMMON, "messages": "messages"}
GENERATE_NAMES: Mapping[str, str] = {**_COMMON, "messages": "prompt"}
SHOWS_THINKING = '{"thinking":true}'
_TAG = ":latest"
_SCHEME_CHARACTERS = 64  # the colon of an address is among so many first characters
_KINDS = {"iVBOR": "png", "/9j/": "jpeg", "R0lGOD": "gif", "UklGR": "webp"}  # the first characters of base64 images


def read_ollama_chat(body: dict[str, object]) -> InferenceRequest | Loading:
    """Parse a body. Raises RequestRefused (400) with the name of the field."""
    read = checked(ChatBody, body)
    if not read.messages:
        return loading(plain_model(read.model), read.keep_alive)
    turns = Turns()
    called: list[tuple[str, str]] = []
    for index, message in enumerate(read.messages):
        _add(turns, message, called, f"messages[{index}]")
    return _request(read, turns.all(), CHAT_NAMES, read.tools or None)


def read_ollama_generate(body: dict[str, object]) -> InferenceRequest | Loading:
    """Parse a body: its prompt is a question. Raises RequestRefused (400) with the name of the field."""
    read = checked(GenerateBody, body)
    for field, reason in (("suffix", "models of a chat write nothing in between"), ("raw", "there is one template")):
        if getattr(read, field):
            raise invalid(f"`{field}` is not supported: {reason}.", param=field, code="unsupported_parameter")
    if not read.prompt and not read.images:
        return loading(plain_model(read.model), read.keep_alive)
    turns = Turns()
    turns.instruct(read.system or "")
    turns.user([text_part(read.prompt), *_images(read.images, "images")])
    return _request(read, turns.all(), GENERATE_NAMES)


def plain_model(name: str) -> str:
    """Remove the tag that Ollama's clients add."""
    return name.removesuffix(_TAG)


def _request(
    body: CommonBody, messages: list[Message], names: Mapping[str, str], tools: list[object] | None = None
) -> InferenceRequest:
    options = body.options or {}
    fields = present(
        {
            "model": plain_model(body.model),
            "messages": messages,
            "stream": body.stream is not False,
            "tools": tools,
            "response_format": _format(body.format),
            "reasoning_effort": body.think if isinstance(body.think, str) and body.think else None,
            "temperature": options.get("temperature"),
            "max_tokens": _max_tokens(options.get("num_predict")),
            "stop": options.get("stop") or None,
        }
    )
    request = parse_request(fields, names)
    hints = present(checked(Hints, options, "options").model_dump())
    return replace(request, raw={**hints, **request.raw}, echo=SHOWS_THINKING if body.think else "")


def _add(turns: Turns, message: MessageBody, called: list[tuple[str, str]], where: str) -> None:
    """`called` are the calls without a result yet, id and name: results name their tool, not their call."""
    text = message.content or ""
    match message.role:
        case "system":
            turns.instruct(text)
        case "user":
            turns.user([text_part(text), *_images(message.images, f"{where}.images")])
        case "assistant":
            named = [(call.id or f"{where}.{index}", call) for index, call in enumerate(message.tool_calls or [])]
            called += [(call_id, call.function.name) for call_id, call in named]
            calls = [function_call(each, call.function.name, call.function.arguments or {}) for each, call in named]
            turns.assistant(text, calls, message.thinking or "")
        case "tool":
            turns.tool(message.tool_call_id or _call_of(message.tool_name, called, where), text)
        case _:
            raise invalid("The role must be system, user, assistant or tool.", param=f"{where}.role")


def _call_of(tool: str | None, called: list[tuple[str, str]], where: str) -> str:
    for call_id, name in called:
        if tool in (None, "", name):
            called.remove((call_id, name))
            return call_id
    raise invalid("No call of this tool came before its result.", param=f"{where}.tool_name")


def _format(wanted: object) -> dict[str, object] | None:
    match wanted:
        case None | "":
            return None
        case "json":
            return {"type": "json_object"}
        case dict():
            return json_schema_format(wanted)
    raise invalid('The format must be "json" or a JSON schema.', param="format", code="invalid_value")


def _max_tokens(predicted: object) -> object:
    """Ollama's -1 and -2 mean unbounded."""
    return None if isinstance(predicted, int) and predicted < 0 else predicted


def _images(images: list[str] | None, where: str) -> list[Part]:
    """Ollama's images are plain base64; data URLs are accepted too."""
    return [image_part(_image(image, f"{where}[{index}]")) for index, image in enumerate(images or [])]


def _image(image: str, where: str) -> str:
    if ":" in image[:_SCHEME_CHARACTERS]:
        return media_url(image, "image", where)
    return data_url(f"image/{_kind(image)}", image, "image", where)


def _kind(image: str) -> str:
    return next((kind for start, kind in _KINDS.items() if image.startswith(start)), "png")
