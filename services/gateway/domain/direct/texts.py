"""The recorded texts of a direct request."""

import orjson

from libs.core.text import capped
from services.gateway.domain.body.chat import ChatMessageBody
from services.gateway.domain.streaming.reply import ToolCall

MAX_TEXT_CHARACTERS = 60_000  # of question and answer each: a broker accepts records of 1 MB


def question_in(messages: list[ChatMessageBody]) -> str:
    """Text of the user's last message, capped; empty for none."""
    latest = next((message for message in reversed(messages) if message.role == "user"), None)
    return capped(_text(latest), MAX_TEXT_CHARACTERS) if latest is not None else ""


def answer_in(text: str, calls: tuple[ToolCall, ...]) -> str:
    """Capped. The text of the answer, else its tool calls as JSON."""
    if text or not calls:
        return capped(text, MAX_TEXT_CHARACTERS)
    return capped(
        orjson.dumps([{"name": call.name, "arguments": call.arguments} for call in calls]).decode(), MAX_TEXT_CHARACTERS
    )


def is_answer(text: str, calls: tuple[ToolCall, ...]) -> bool:
    """True when the recorded answer is the whole text."""
    return (bool(text) or not calls) and len(text) <= MAX_TEXT_CHARACTERS


def _text(message: ChatMessageBody) -> str:
    content = message.content
    if isinstance(content, str):
        return content
    return "\n".join(part.text for part in content or () if part.text)
