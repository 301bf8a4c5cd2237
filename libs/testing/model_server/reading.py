"""Chat requests as data, validated as strictly as by a real server."""

import itertools
from collections.abc import Mapping, Sequence

import orjson

from libs.ports.llm import ChatMessage, Role
from libs.testing.model_server.script import OutputFormat, Prompt

_ROLES: dict[object, Role] = {"system": "system", "assistant": "assistant", "developer": "system"}


class BadRequest(ValueError):
    """The request is not a chat completion request."""


def read_prompt(body: bytes) -> Prompt:
    """Raises BadRequest where a real server responds with 400."""
    request = _request(body)
    response_format = _object(request.get("response_format"))
    json_schema = _object(response_format.get("json_schema"))
    return Prompt(
        model=str(request.get("model", "")),
        messages=_messages(request.get("messages")),
        stream=request.get("stream") is True,
        include_usage=_object(request.get("stream_options")).get("include_usage") is True,
        max_tokens=_integer(request.get("max_tokens", request.get("max_completion_tokens"))),
        temperature=_number(request.get("temperature")),
        output_format=_format(response_format.get("type")),
        schema_name=str(json_schema.get("name", "")),
        schema=_object(json_schema.get("schema")),
        tools=tuple(_tool_name(tool) for tool in _list(request.get("tools"))),
        tool_choice=_tool_choice(request.get("tool_choice")),
        tool_results=_tool_results(_list(request.get("messages"))),
        cache_salt=str(request.get("cache_salt", "")),
        images=sum(_images(message) for message in _list(request.get("messages"))),
    )


def _request(body: bytes) -> dict[str, object]:
    try:
        request: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest("the body is not JSON") from error
    if not isinstance(request, dict):
        raise BadRequest("the body is not an object")
    if "stream_options" in request and not request.get("stream"):
        raise BadRequest("stream_options without stream")
    return request


def _messages(value: object) -> tuple[ChatMessage, ...]:
    if not isinstance(value, list) or not value:
        raise BadRequest("messages are missing")
    return tuple(_message(item) for item in value)


def _message(item: object) -> ChatMessage:
    message = _object(item)
    return ChatMessage(role=_ROLES.get(message.get("role"), "user"), content=_text(message))


def _text(message: Mapping[str, object]) -> str:
    content = message.get("content")
    if content is None and message.get("tool_calls"):
        return ""
    if isinstance(content, list):
        return "".join(str(_object(part).get("text", "")) for part in content)
    if not isinstance(content, str):
        raise BadRequest("content must be a string or a list of parts")
    return content


def _images(message: object) -> int:
    content = _object(message).get("content")
    return sum(_object(part).get("type") == "image_url" for part in content) if isinstance(content, list) else 0


def _tool_name(tool: object) -> str:
    name = _object(_object(tool).get("function")).get("name")
    if not isinstance(name, str):
        raise BadRequest("a tool must be a function with a name")
    return name


def _tool_choice(value: object) -> str:
    return value if isinstance(value, str) else str(_object(_object(value).get("function")).get("name", ""))


def _tool_results(messages: Sequence[object]) -> tuple[str, ...]:
    """Results at the end of the conversation; every one must name its call."""
    last = list(itertools.takewhile(lambda message: _object(message).get("role") == "tool", reversed(messages)))
    if any(not isinstance(_object(message).get("tool_call_id"), str) for message in last):
        raise BadRequest("a tool message needs the id of its call")
    return tuple(_text(_object(message)) for message in reversed(last))


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) else None


def _format(kind: object) -> OutputFormat:
    if kind == "json_schema":
        return "json_schema"
    return "json_object" if kind == "json_object" else ""


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
