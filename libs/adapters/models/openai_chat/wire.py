"""JSON of the chat protocol: builds request bodies, reads the relevant fields of answers."""

import re
from collections.abc import Mapping

import orjson

from libs.adapters.models.openai_chat.dialect import ServerCapabilities
from libs.core.json_values import JsonObject, is_object
from libs.core.token_counts import counted_tokens, tokens_of
from libs.ports.llm import ChatMessage, FinishReason, JsonSchema, ModelRequest, TokenUsage

_NOT_A_NAME = re.compile(r"[^a-zA-Z0-9_-]+")
_FINISH: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
}


def request_body(request: ModelRequest, dialect: ServerCapabilities, *, stream: bool, salt: str = "") -> bytes:
    """Build the JSON body of one chat completion. `salt` separates its prompt in the server's cache; empty: no salt."""
    body: JsonObject = {
        "model": request.ref.model,
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        "stream": stream,
    }
    if stream and dialect.stream_usage:
        body["stream_options"] = {"include_usage": True}
    if request.max_tokens is not None:
        body[dialect.limit_field] = request.max_tokens
    if request.temperature is not None and dialect.temperature:
        body["temperature"] = request.temperature
    if request.json_schema is not None and dialect.output != "plain":
        body["response_format"] = _response_format(request.json_schema, dialect)
    if salt:
        body["cache_salt"] = salt
    return orjson.dumps(body)


def _response_format(schema: JsonSchema, dialect: ServerCapabilities) -> JsonObject:
    if dialect.output == "json_object":
        return {"type": "json_object"}
    name = _NOT_A_NAME.sub("_", str(schema.get("title", ""))).lower()[:64] or "answer"
    return {"type": "json_schema", "json_schema": {"name": name, "strict": is_strict(schema), "schema": schema}}


def is_strict(schema: object) -> bool:
    """True if every object in the schema is closed and requires all its properties, as OpenAI's strict mode demands."""
    if isinstance(schema, list | tuple):
        return all(is_strict(item) for item in schema)
    if not isinstance(schema, Mapping):
        return True
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        required = schema.get("required")
        names = set(required) if isinstance(required, list | tuple) else set()
        if schema.get("additionalProperties") is not False or names != set(properties):
            return False
    return all(is_strict(item) for item in schema.values())


def content_text(content: object) -> str:
    """Answer text of a `content` field: a string, or the joined parts of type text."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = (part.get("text") for part in content if is_object(part) and part.get("type") == "text")
    return "".join(text for text in texts if isinstance(text, str))


def first_choice(answer: Mapping[str, object]) -> JsonObject:
    """The choice with index 0; an empty object without one, as in a usage chunk."""
    choices = answer.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if is_object(choice) and choice.get("index", 0) == 0:
            return choice
    return {}


def finish_reason(value: object) -> FinishReason | None:
    """Map to the port's finish reasons. An unknown non-empty reason is `stop`; None while the answer continues."""
    if value is None or value == "":
        return None
    return _FINISH.get(value, "stop") if isinstance(value, str) else "stop"


def reported_usage(value: object) -> TokenUsage | None:
    """None if the usage is missing, malformed or all zero."""
    counted = counted_tokens(value)
    return TokenUsage(*counted) if counted is not None else None


def estimated_usage(messages: tuple[ChatMessage, ...], characters: int) -> TokenUsage:
    """Estimate tokens as characters / 4, rounded up, for servers that report no usage."""
    prompt = sum(len(message.content) for message in messages)
    return TokenUsage(tokens_of(prompt), tokens_of(characters), estimated=True)
