"""An inference request, and the question for the fleet that its conversation becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import orjson

from libs.contracts.question import Mode, Question, Turn
from libs.contracts.template import ExpertTemplate
from libs.core.text import capped, looks_german, shortened
from services.gateway.domain.body.chat import ChatBody, ChatMessageBody, ContentPart, check_honoured
from services.gateway.domain.errors import invalid


@dataclass(frozen=True, slots=True)
class InferenceRequest:
    """`chat` is the validated body, `raw` the JSON object that a model server would get for it, unknown fields
    included.

    `session` is the conversation that the body names, `previous` the response that it continues, both empty for none;
    `background`: the client will fetch the answer later. `echo` are the request fields that answers repeat, as a JSON
    object, empty for none. `at_once` is the immediate answer to a request without a question, as JSON, empty for
    others.
    """

    chat: ChatBody
    raw: Mapping[str, object]
    include_usage: bool = False
    no_cache: bool = False
    session: str = ""
    previous: str = ""
    background: bool = False
    echo: str = ""
    at_once: bytes = b""

    @property
    def model(self) -> str:
        return self.chat.model

    @property
    def stream(self) -> bool:
        return bool(self.chat.stream)


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
