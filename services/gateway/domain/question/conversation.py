"""Conversion of a list of messages into question, earlier turns and instructions."""

from dataclasses import dataclass

from libs.contracts.question import Turn
from libs.core.text import capped, shortened
from services.gateway.domain.body.chat import ChatMessageBody, ContentPart
from services.gateway.domain.errors import invalid

UNLIMITED = -1
MOST_HISTORY_CHARS = 50_000  # part of every command of a request, up to four bytes a character
LONG_ANSWER_CHARS = 2_000
SHORT_ANSWER_CHARS = 1_000
_INSTRUCTING = frozenset({"system", "developer"})
_SPEAKING = frozenset({"user", "assistant"})
_PARTS_TO_COME = {"image_url": "images", "input_audio": "audio", "file": "files"}


@dataclass(frozen=True, slots=True)
class Conversation:
    """`turns` are all earlier ones, oldest first."""

    question: str
    turns: tuple[Turn, ...]
    instructions: str


def read_conversation(messages: list[ChatMessageBody]) -> Conversation:
    """Split the messages; the last one is the question. Raises RequestRefused (400) with the name of the message."""
    instructions: list[str] = []
    turns: list[Turn] = []
    for index, message in enumerate(messages):
        text = _text(message, f"messages[{index}]")
        if message.role in _INSTRUCTING:
            instructions.append(text)
        elif message.role == "user":
            turns.append(Turn(speaker="user", text=text))
        else:
            turns.append(Turn(speaker="assistant", text=text))
    last = len(messages) - 1
    if messages[last].role != "user":
        raise invalid("The last message must come from the user.", param=f"messages[{last}].role")
    question = turns.pop().text
    if not question.strip():
        raise invalid("The last message is empty.", param=f"messages[{last}].content")
    return Conversation(question, tuple(turns), "\n\n".join(filter(str.strip, instructions)))


def recent_turns(turns: tuple[Turn, ...], max_turns: int, max_chars: int) -> tuple[Turn, ...]:
    """The last `max_turns` non-blank turns, oldest first, within `max_chars` characters; -1 for either means the
    maximum that a request carries.

    Long answers are shortened to their beginning and end, so that the questions before them fit. When characters run
    out, the newest turns stay, and the oldest that still fits is cut.
    """
    turns_shown: list[Turn] = []
    available = MOST_HISTORY_CHARS if max_chars == UNLIMITED else min(max_chars, MOST_HISTORY_CHARS)
    speaking = [turn for turn in turns if turn.text.strip()]
    recent = speaking if max_turns == UNLIMITED else speaking[len(speaking) - min(max_turns, len(speaking)) :]
    for turn in reversed(recent):
        if available <= 0:
            break
        text = _shown(turn, available, short=max_chars != UNLIMITED)
        turns_shown.append(Turn(speaker=turn.speaker, text=text))
        available -= len(text)
    return tuple(reversed(turns_shown))


def _shown(turn: Turn, available: int, *, short: bool) -> str:
    if turn.speaker == "user":
        return capped(turn.text, available)
    is_long = short and len(turn.text) > LONG_ANSWER_CHARS
    return shortened(turn.text, min(available, SHORT_ANSWER_CHARS) if is_long else available)


def _text(message: ChatMessageBody, where: str) -> str:
    _check_role(message, where)
    if message.content is None:
        if message.role != "assistant":
            raise invalid("The message has no content.", param=f"{where}.content")
        return ""
    text = message.content if isinstance(message.content, str) else _joined(message.content, where)
    if "\0" in text:
        raise invalid("The text holds a NUL character.", param=f"{where}.content")
    return text


def _check_role(message: ChatMessageBody, where: str) -> None:
    if message.tool_calls or message.function_call or message.role in {"tool", "function"}:
        raise invalid("Tool calling is not built yet.", param=where, code="unsupported_parameter")
    if message.role not in _INSTRUCTING | _SPEAKING:
        raise invalid("The role must be system, developer, user or assistant.", param=f"{where}.role")


def _joined(parts: list[ContentPart], where: str) -> str:
    texts: list[str] = []
    for index, part in enumerate(parts):
        path = f"{where}.content[{index}]"
        if part.type != "text":
            what = _PARTS_TO_COME.get(part.type, "such parts")
            raise invalid(f"Only text parts can be read, not {what}.", param=f"{path}.type", code="unsupported_content")
        if part.text is None:
            raise invalid("A text part needs its text.", param=f"{path}.text")
        texts.append(part.text)
    return "\n".join(texts)
