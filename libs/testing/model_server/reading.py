"""Chat requests read as data, as strictly as a real server reads them."""

import orjson

from libs.ports.llm import ChatMessage, Role
from libs.testing.model_server.script import OutputFormat, Prompt

_ROLES: dict[object, Role] = {"system": "system", "assistant": "assistant", "developer": "system"}


class BadRequest(ValueError):
    """The request is not a chat completion request."""


def read_prompt(body: bytes) -> Prompt:
    """Return the request as data. Raises BadRequest where a real server would answer 400."""
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
    content = message.get("content")
    if not isinstance(content, str):
        raise BadRequest("content must be a string")
    return ChatMessage(role=_ROLES.get(message.get("role"), "user"), content=content)


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) else None


def _format(kind: object) -> OutputFormat:
    if kind == "json_schema":
        return "json_schema"
    return "json_object" if kind == "json_object" else ""


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
