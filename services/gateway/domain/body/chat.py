"""The body of a chat completion: its types, then the fields that the fleet does not support."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from services.gateway.domain.body.json import checked
from services.gateway.domain.errors import invalid

_NOT_HONOURED: tuple[tuple[str, tuple[object, ...], str], ...] = (
    ("n", (None, 1), "one answer a request is all there is"),
    ("tools", (None, []), "the fleet does not call tools of its clients"),
    ("functions", (None, []), "the fleet does not call tools of its clients"),
    ("tool_choice", (None, "none", "auto"), "the fleet does not call tools of its clients"),
    ("function_call", (None, "none", "auto"), "the fleet does not call tools of its clients"),
    ("logprobs", (None, False), "an answer that several models wrote has no token probabilities"),
    ("top_logprobs", (None, 0), "an answer that several models wrote has no token probabilities"),
    ("logit_bias", (None, {}), "several models with different tokens write the answer"),
    ("stop", (None, "", []), "stop sequences are not applied"),
    ("top_p", (None, 1), "only temperature is passed on"),
    ("presence_penalty", (None, 0), "only temperature is passed on"),
    ("frequency_penalty", (None, 0), "only temperature is passed on"),
    ("response_format", (None, {"type": "text"}), "answers are text"),
    ("modalities", (None, ["text"]), "answers are text"),
    ("audio", (None,), "answers are text"),
    ("prediction", (None,), "predicted output is not used"),
    ("web_search_options", (None,), "web search is not built yet"),
)

# Far more than any model generates, and a number that model servers and usage records can hold.
MOST_TOKENS = 2**31 - 1
MOST_CHOICES = 8
TokenBound = Annotated[int, Field(ge=1, le=MOST_TOKENS)]
# Usage records and the measured rate of each model contain the name, and a client chooses those of a node's models.
MOST_NAME_CHARACTERS = 512


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class ContentPart(_Strict):
    type: str
    text: str | None = None


def _content_tag(value: object) -> str:
    return "<parts>" if isinstance(value, list) else "<text>"


Content = Annotated[
    Annotated[str, Tag("<text>")] | Annotated[list[ContentPart], Tag("<parts>")], Discriminator(_content_tag)
]


class ChatMessageBody(_Strict):
    role: str
    content: Content | None = None
    name: str | None = None
    tool_calls: list[object] | None = None
    function_call: object = None


class StreamOptions(_Strict):
    include_usage: bool | None = None


class ChatBody(_Strict):
    """What is honoured, what is refused, and hints (`user`, `seed` …) of which only the type is checked."""

    model: str
    messages: list[ChatMessageBody] = Field(min_length=1)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    max_tokens: TokenBound | None = None
    max_completion_tokens: TokenBound | None = None
    n: int | None = Field(None, ge=1, le=MOST_CHOICES)
    top_p: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = Field(None, ge=0, le=20)
    logit_bias: dict[str, float] | None = None
    stop: object = None
    tools: list[object] | None = None
    functions: list[object] | None = None
    tool_choice: object = None
    function_call: object = None
    response_format: object = None
    modalities: list[str] | None = None
    audio: object = None
    prediction: object = None
    web_search_options: object = None
    user: str | None = None
    seed: int | None = None
    store: bool | None = None
    metadata: dict[str, object] | None = None
    no_cache: bool = False
    session_id: str = ""


def read_chat_body(value: Mapping[str, object]) -> ChatBody:
    """Validate the body. Raises RequestRefused (400) with the name of the field."""
    body = checked(ChatBody, value)
    if len(body.model) > MOST_NAME_CHARACTERS:
        message = f"`model`: at most {MOST_NAME_CHARACTERS} characters are expected."
        raise invalid(message, param="model", code="invalid_value")
    _check_stream_options(body)
    return body


def check_honoured(body: ChatBody) -> None:
    """Raise RequestRefused (400) for fields that the fleet does not support; a direct request may use them."""
    for field, neutral, reason in _NOT_HONOURED:
        if getattr(body, field) not in neutral:
            raise invalid(f"`{field}` is not supported: {reason}.", param=field, code="unsupported_parameter")


def _check_stream_options(body: ChatBody) -> None:
    if body.stream_options is not None and not body.stream:
        raise invalid("`stream_options` is only allowed when `stream` is true.", param="stream_options")
