"""Estimates of a request's usage for limits and budgets, corrected when the request ends."""

from collections.abc import Mapping

import orjson

from libs.core.json_values import objects_in
from libs.core.token_counts import CHARS_PER_TOKEN, tokens_of
from services.gateway.domain.body.chat import MOST_TOKENS
from services.gateway.domain.question.inference_request import InferenceRequest
from services.gateway.domain.question.token_estimate import IMAGE_TOKENS, TEXT_PARTS

ANSWER_TOKENS = 1000  # where the client sets no limit
# The fleet reads a question several times and generates more than its answer: plan, experts, judge.
FLEET_CALLS = 4
_MEDIA_CHARACTERS = IMAGE_TOKENS * CHARS_PER_TOKEN
_OF_NO_PROMPT = frozenset({"messages", "metadata", "stream_options", "logit_bias", "stop"})
_OF_EACH_MESSAGE = frozenset({"role", "content", "tool_call_id"})
_PLAIN = 2  # fields of a message with only a role and a content
_NESTED = (list, dict)


def estimated_tokens(request: InferenceRequest, characters: int, *, fleet: bool, most: int = MOST_TOKENS) -> int:
    """Estimate the tokens of one model call or, for the `fleet`, of all its calls; the prompt has `characters`.

    Each message has a mark of its own, and each of `n` answers may be as long as the larger limit permits, at most
    `most` tokens.
    """
    answers = answer_tokens(request, most) or min(most, ANSWER_TOKENS) * max(1, request.chat.n or 1)
    prompt = tokens_of(characters) + len(request.chat.messages)
    return (prompt + answers) * (FLEET_CALLS if fleet else 1)


def answer_tokens(request: InferenceRequest, most: int = MOST_TOKENS) -> int:
    """Maximum tokens of all `n` answers together, `most` each; 0 where the client sets no limit."""
    chat = request.chat
    return min(most, max(chat.max_tokens or 0, chat.max_completion_tokens or 0)) * max(1, chat.n or 1)


def prompt_characters(raw: Mapping[str, object]) -> int:
    """Length of all fields of a chat body that a model reads, unknown fields included.

    Texts count their characters; tools, calls and formats the bytes of their JSON; an image or another non-text part
    counts IMAGE_TOKENS, whatever its encoding.
    """
    of_messages = sum(map(_of_message, objects_in(raw.get("messages"))))
    return of_messages + sum([_of_object(value) for name, value in raw.items() if name not in _OF_NO_PROMPT])


def _of_message(message: Mapping[str, object]) -> int:
    content = message.get("content")
    if isinstance(content, str):
        return len(content) if len(message) == _PLAIN else len(content) + sum(map(_of_field, message.items()))
    return sum(map(_of_part, objects_in(content))) + sum(map(_of_field, message.items()))


def _of_field(field: tuple[str, object]) -> int:
    name, value = field
    if name in _OF_EACH_MESSAGE:
        return 0
    return len(value) if isinstance(value, str) else _of_object(value)


def _of_part(part: Mapping[str, object]) -> int:
    texts = (part.get(name) for name in TEXT_PARTS)
    characters = sum(len(text) for text in texts if isinstance(text, str))
    return characters if part.get("type") in TEXT_PARTS else characters + _MEDIA_CHARACTERS


def _of_object(value: object) -> int:
    return len(orjson.dumps(value)) if isinstance(value, _NESTED) and value else 0
