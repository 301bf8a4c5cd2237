"""Replies and stream frames, independent of the protocol."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from libs.contracts.model_call import Usage
from libs.contracts.progress import Protocol as ProtocolName
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.public_ids import public_id

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
