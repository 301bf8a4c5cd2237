"""The model port: any server that speaks the OpenAI chat protocol."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from libs.contracts.staffing import ModelRef
from libs.core.errors import Rejected, Retryable

Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "content_filter"]
JsonSchema = Mapping[str, object]


class ModelUnavailable(Retryable):
    """The model server is unreachable or overloaded, or timed out before its first output.

    `retry_after_s` is the pause that the server requests, None if it requests none.
    """

    code = "model_unavailable"

    def __init__(self, message: str, *, code: str | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after_s = retry_after_s


class ModelTimeout(ModelUnavailable):
    """The model server accepted the request and sent no output in time; it may have worked throughout."""


class ModelRefused(Rejected):
    """The model server rejects this request (4xx); retrying cannot help."""

    code = "model_refused"


class StreamBroken(Retryable):
    """The answer is incomplete: the stream ended without a finish reason, or a chunk was malformed."""

    code = "stream_broken"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One model call. `timeout_s` bounds the whole call, retries included.

    `json_schema` constrains the output where the server can; its `title` names it on the wire. `stage` is the calling
    stage, for the record.
    """

    ref: ModelRef
    messages: tuple[ChatMessage, ...]
    timeout_s: float
    max_tokens: int | None = None
    temperature: float | None = None
    json_schema: JsonSchema | None = None
    stage: str = ""


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens as counted by the server. `estimated`: the server reported none, and the counts are characters / 4."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer. `model` is the name that the server reported, `duration_s` the time from request to last byte.

    `call_id` is the id of the recorded call, empty where calls are not recorded.
    """

    text: str
    finish_reason: FinishReason
    usage: TokenUsage
    model: str
    duration_s: float
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of an answer, never empty."""

    text: str


class LLM(Protocol):
    """The model port. Cancelling the awaiting task closes the connection, which stops the model."""

    async def complete(self, request: ModelRequest) -> Completion:
        """The whole answer. Raises ModelUnavailable, ModelRefused or StreamBroken. Safe to repeat."""
        ...

    def stream(self, request: ModelRequest) -> AsyncGenerator[TextDelta | Completion, None]:
        """Yield the answer in pieces, then one `Completion` with the whole text as the last item.

        Raises as `complete` does. Never retries a call after the first piece.
        """
        ...
