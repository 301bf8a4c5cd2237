"""From a body to what the fleet is asked, or to the reason why not."""

from dataclasses import dataclass

import orjson

from libs.contracts.question import Question
from libs.core.text import looks_german
from services.gateway.domain.chat_body import ChatBody, read_chat_body
from services.gateway.domain.conversation import Conversation, read_conversation, recent_turns
from services.gateway.domain.errors import invalid
from services.gateway.domain.json_body import read_json
from services.gateway.domain.models import find_model


@dataclass(frozen=True, slots=True)
class Limits:
    """`question_bytes` bounds question and instructions as JSON: they travel in every command of the request, and a
    broker takes records of 1 MB."""

    history_turns: int = 4
    history_chars: int = 3000
    question_bytes: int = 400_000


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A request that may be accepted. `user` is whom the client names as the person behind it."""

    model: str
    question: Question
    stream: bool
    include_usage: bool
    user: str = ""


def read_chat_request(body: bytes, limits: Limits) -> ChatRequest:
    """Return the request of a body. Raises RequestRefused (400, 404) with the field at fault."""
    chat = read_chat_body(read_json(body))
    model = find_model(chat.model)
    conversation = read_conversation(chat.messages)
    _check_size(conversation, limits)
    question = Question(
        text=conversation.question,
        history=recent_turns(conversation.turns, limits.history_turns, limits.history_chars),
        instructions=conversation.instructions,
        mode=model.mode,
        language="de" if looks_german(conversation.question) else "en",
        max_tokens=_max_tokens(chat),
        temperature=chat.temperature,
    )
    usage = chat.stream_options is not None and bool(chat.stream_options.include_usage)
    return ChatRequest(model.id, question, stream=bool(chat.stream), include_usage=usage, user=chat.user or "")


def _check_size(conversation: Conversation, limits: Limits) -> None:
    size = len(orjson.dumps((conversation.question, conversation.instructions)))
    if size > limits.question_bytes:
        message = f"Question and instructions are {size} bytes, the limit is {limits.question_bytes}."
        raise invalid(message, param="messages", code="context_length_exceeded")


def _max_tokens(chat: ChatBody) -> int | None:
    old, new = chat.max_tokens, chat.max_completion_tokens
    if old is not None and new is not None and old != new:
        raise invalid("`max_tokens` and `max_completion_tokens` contradict each other.", param="max_tokens")
    return new if new is not None else old
