"""Estimated tokens of a request before it is dispatched."""

import json
import re
from collections.abc import Iterator, Mapping

from libs.core.token_counts import tokens_of
from services.gateway.domain.question.token_estimate import IMAGE_TOKENS, MESSAGE_TOKENS, TEXT_PARTS, text_tokens

# An image or document in base64. A run ends at a byte outside its class, so that the search stays linear.
_MEDIA = re.compile(
    rb'"(?:data|image_url|file_url|file_data)"\s*:\s*"(?:data:[A-Za-z0-9.+/;=_-]{1,250},)?[A-Za-z0-9+/=\\]{1000,}"'
)


def request_tokens(raw: Mapping[str, object]) -> int:
    """Estimate the tokens of the messages and tools of a chat body. Linear in its length."""
    messages, tools = raw.get("messages"), raw.get("tools")
    offered = text_tokens(json.dumps(tools, ensure_ascii=False)) if tools else 0
    return max(1, offered + sum(map(_message_tokens, messages if isinstance(messages, list) else ())))


def length_tokens(body: bytes) -> int:
    """Estimate the tokens of an unparsed body: bytes / 4, and IMAGE_TOKENS for each file in it."""
    sizes = [found.end() - found.start() for found in _MEDIA.finditer(body)]
    return tokens_of(len(body) - sum(sizes)) + IMAGE_TOKENS * len(sizes)


def _message_tokens(message: Mapping[str, object]) -> int:
    called = message.get("tool_calls")
    calls = text_tokens(json.dumps(called, ensure_ascii=False)) if called else 0
    return MESSAGE_TOKENS + calls + sum(_tokens_in(message.get("content")))


def _tokens_in(content: object) -> Iterator[int]:
    if isinstance(content, str):
        yield text_tokens(content)
    elif isinstance(content, list):
        for part in content:
            text = next((part[name] for name in TEXT_PARTS if isinstance(part.get(name), str)), None)
            yield text_tokens(text) if text is not None else IMAGE_TOKENS
