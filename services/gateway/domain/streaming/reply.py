"""What a client is answered, before it is put into the words of its protocol."""

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
    """A whole answer; `reasoning` is no part of it."""

    text: str
    finish: FinishReason
    usage: Usage
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()


def never() -> None:
    """Return that no time is known."""


@dataclass(frozen=True, slots=True)
class ReplyHead:
    """What stands in every frame. `created` is Unix time in whole seconds, `accepted_at` the same exactly, 0 where
    nobody knows; `include_usage` is the client's wish.

    `echo` is what the protocol says again about the request, as a JSON object of its own making; empty for nothing.
    `protocol` is that of the request, which names the response. `completed_at` returns when the answer was complete, in
    Unix seconds; None while it is not, and where that is not recorded.
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
        """Return the id of the response as the client knows it."""
        return public_id(self.response_id, self.protocol)


class Frames(Protocol):
    """Writes the stream of one response, in order: opening, then reasoning, content and tool calls as the model mixes
    them, then one ending or error. Every method returns bytes to send, empty for nothing. Not for concurrent use."""

    def opening(self) -> bytes:
        """Return what a stream begins with; not asked for when a stream is taken up again."""
        ...

    def had(self, text: str) -> None:
        """Note a piece of the answer that the client has already, from before the stream was taken up again."""
        ...

    def reasoning(self, text: str) -> bytes:
        """Return a piece for the reasoning panel."""
        ...

    def content(self, text: str) -> bytes:
        """Return the next piece of the answer."""
        ...

    def tool_call(self, index: int, call_id: str, name: str) -> bytes:
        """Return the beginning of a tool call; indexes count from 0 without gaps."""
        ...

    def tool_arguments(self, index: int, fragment: str) -> bytes:
        """Return a piece of the arguments of a call that has begun."""
        ...

    def ending(self, finish: FinishReason, usage: Usage) -> bytes:
        """Return the regular end of the stream."""
        ...

    def error(self, error: ApiError) -> bytes:
        """Return the end of a stream without an answer."""
        ...

    def keep_alive(self) -> bytes:
        """Return what keeps a silent connection open and means nothing."""
        ...
