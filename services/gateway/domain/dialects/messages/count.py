"""How many tokens a request has before it is asked: an estimate."""

import json
from collections.abc import Iterator

import orjson

from services.gateway.domain.checked_body import checked
from services.gateway.domain.dialects.messages.body import CountBody
from services.gateway.domain.dialects.messages.request import counted
from services.gateway.domain.json_body import json_object
from services.gateway.domain.token_estimate import IMAGE_TOKENS, MESSAGE_TOKENS, text_tokens


def count_body(body: object) -> bytes:
    """Return the count of a request as JSON. Raises RequestRefused (400) naming the field."""
    read = counted(checked(CountBody, json_object(body)))
    messages = read["messages"]
    assert isinstance(messages, list)
    tools = text_tokens(json.dumps(read["tools"], ensure_ascii=False)) if read["tools"] else 0
    return orjson.dumps({"input_tokens": max(1, tools + sum(map(_message_tokens, messages)))})


def _message_tokens(message: dict[str, object]) -> int:
    called = message.get("tool_calls")
    calls = text_tokens(json.dumps(called, ensure_ascii=False)) if called else 0
    return MESSAGE_TOKENS + calls + sum(_tokens_in(message.get("content")))


def _tokens_in(content: object) -> Iterator[int]:
    if isinstance(content, str):
        yield text_tokens(content)
    elif isinstance(content, list):
        for part in content:
            yield text_tokens(part["text"]) if part["type"] == "text" else IMAGE_TOKENS
