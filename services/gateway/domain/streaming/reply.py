"""Replies, their public ids, the frames of their streams, and what the end of a request becomes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from libs.contracts.answer import AnswerFinished
from libs.contracts.model_call import Usage
from libs.contracts.progress import Protocol as ProtocolName
from libs.contracts.progress import RequestOpened
from libs.core.ids import RESPONSE_PREFIX
from libs.core.ids import public_id as with_prefix
from services.gateway.domain.errors import ApiError

_PREFIXES: dict[ProtocolName, str] = {"responses": "resp_", "messages": "msg_", "completions": "cmpl-"}


def public_id(response_id: str, protocol: ProtocolName) -> str:
    return with_prefix(response_id, _PREFIXES.get(protocol, RESPONSE_PREFIX))


_LINE_ENDS = tuple((end.encode(), f"\\u{ord(end):04x}".encode()) for end in "\x85\u2028\u2029")


def line_safe(json: bytes) -> bytes:
    """Escape the Unicode line ends in the strings of a JSON text.

    Line feeds are always escapes in JSON. Unicode has other line ends, at which some clients (those that read with
    Python's `str.splitlines`, and so with httpx's `iter_lines`) split a frame.
    """
    if json.isascii():
        return json
    for end, escape in _LINE_ENDS:
        if end in json:
            json = json.replace(end, escape)
    return json


FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the client is to make. `arguments` is JSON text, as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer; `text` excludes `reasoning`."""

    text: str
    finish: FinishReason
    usage: Usage
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()


def never() -> None:
    """The `completed_at` of replies without a known time."""


@dataclass(frozen=True, slots=True)
class ReplyHead:
    """The fields of every frame. `created` is Unix time in whole seconds, `accepted_at` the exact time, 0 where
    unknown; `include_usage` is the client's wish.

    `echo` are the request fields that the protocol repeats, as a JSON object of its own making; empty for none.
    `protocol` is that of the request, which determines the public id. `completed_at` returns when the answer was
    complete, in Unix seconds; None before that, and where it is not recorded.
    """

    response_id: str
    model: str
    created: int
    include_usage: bool = False
    echo: str = ""
    accepted_at: float = 0.0
    protocol: ProtocolName = "chat"
    completed_at: Callable[[], int | None] = never

    @property
    def id(self) -> str:
        """The public id of the response."""
        return public_id(self.response_id, self.protocol)


class Frames(Protocol):
    """Writes the stream of one response, in order: opening, then reasoning, content and tool calls as the model mixes
    them, then one ending or error. Every method returns bytes to send, empty for none. Not for concurrent use."""

    def opening(self) -> bytes:
        """The beginning of a stream; not called for a resumed one."""
        ...

    def had(self, text: str) -> None:
        """Record a piece of the answer that the client has from before the resume."""
        ...

    def reasoning(self, text: str) -> bytes:
        """A piece for the reasoning panel."""
        ...

    def content(self, text: str) -> bytes:
        """The next piece of the answer."""
        ...

    def tool_call(self, index: int, call_id: str, name: str) -> bytes:
        """The beginning of a tool call; indexes count from 0 without gaps."""
        ...

    def tool_arguments(self, index: int, fragment: str) -> bytes:
        """A piece of the arguments of a call that has begun."""
        ...

    def ending(self, finish: FinishReason, usage: Usage) -> bytes:
        """The regular end of the stream."""
        ...

    def error(self, error: ApiError) -> bytes:
        """The end of a stream without an answer."""
        ...

    def keep_alive(self) -> bytes:
        """Bytes without meaning that keep a silent connection open."""
        ...


_STATUS_OF_CODE = {
    "model_unavailable": 503,
    "model_refused": 502,
    "stream_broken": 502,
    "deadline_exceeded": 504,
}


def error_of(event: AnswerFinished) -> ApiError:
    """The error of an end without an answer; its message contains the response id."""
    response_id = event.envelope.response_id
    if event.outcome == "expired":
        return late_error(response_id)
    if event.outcome == "cancelled":
        return ApiError(499, "cancelled", f"The request was cancelled. [{response_id}]", final=True)
    if event.failure is None:
        return ApiError(500, "failed", f"The request failed. [{response_id}]", final=True)
    status = _STATUS_OF_CODE.get(event.failure.code, 500)
    return ApiError(status, event.failure.code, f"{event.failure.message} [{response_id}]", final=True)


def answered_at(opened: RequestOpened, end: AnswerFinished | None) -> int | None:
    """Unix seconds: when the log got its end. A cached answer counts as complete
    at the start. None without an end, and for an end that was not read from the log."""
    if end is None or not (end.known or end.envelope.logged_ms):
        return None
    began = int(opened.accepted_at)
    return began if end.known else max(began, end.envelope.logged_ms // 1000)  # clocks differ


def late_error(response_id: str) -> ApiError:
    message = f"The request timed out. [{response_id}]"
    return ApiError(504, "deadline_exceeded", message, final=True)


def stopping_error(response_id: str) -> ApiError:
    """For a stream whose gateway stops before the answer; the request continues."""
    message = (
        f"This gateway is stopping; the request continues. Resume the stream with GET /v1/responses/"
        f"{response_id}?stream=true and the id of the last event as Last-Event-ID. [{response_id}]"
    )
    return ApiError(503, "stopping", message)


def erased_error(response_id: str) -> ApiError:
    return ApiError(404, "erased", f"The content of this response was erased. [{response_id}]", final=True)


def spliced_error(response_id: str) -> ApiError:
    """For a stream whose final text does not begin with the text that was sent."""
    message = f"The final answer does not start with the streamed text: discard it. [{response_id}]"
    return ApiError(502, "stream_diverged", message, final=True)


def finish_reason(event: AnswerFinished) -> FinishReason:
    """`length` for a text that a limit cut, else `stop`."""
    return "length" if event.truncated else "stop"


def reply_of(event: AnswerFinished) -> Reply:
    return Reply(event.text, finish_reason(event), event.usage)
