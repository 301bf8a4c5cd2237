"""Conversion of a chat body into a question for the fleet, or its rejection."""

from dataclasses import dataclass, replace

import orjson

from libs.contracts.question import Mode, Question
from libs.contracts.template import ExpertTemplate
from libs.core.text import looks_german
from services.gateway.domain.body.chat import ChatBody, check_honoured
from services.gateway.domain.errors import invalid
from services.gateway.domain.question.conversation import Conversation, read_conversation, recent_turns


@dataclass(frozen=True, slots=True)
class Limits:
    """`question_bytes` bounds question and instructions as JSON: every command of the request contains them, and a
    broker accepts records of 1 MB."""

    history_turns: int = 4
    history_chars: int = 3000
    question_bytes: int = 400_000


def limits_of(limits: Limits, template: ExpertTemplate | None) -> Limits:
    """The template's limits take precedence."""
    if template is None:
        return limits
    turns, chars = (
        template.history_max_turns or limits.history_turns,
        template.history_max_chars or limits.history_chars,
    )
    return replace(limits, history_turns=turns, history_chars=chars)


def question_of(chat: ChatBody, mode: Mode, limits: Limits) -> Question:
    """Build the question. Raises RequestRefused (400) with the field at fault."""
    check_honoured(chat)
    conversation = read_conversation(chat.messages)
    _check_size(conversation, limits)
    return Question(
        text=conversation.question,
        history=recent_turns(conversation.turns, limits.history_turns, limits.history_chars),
        instructions=conversation.instructions,
        mode=mode,
        language="de" if looks_german(conversation.question) else "en",
        max_tokens=_max_tokens(chat),
        temperature=chat.temperature,
    )


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
