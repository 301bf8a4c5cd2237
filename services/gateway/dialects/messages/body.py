"""The request body of Anthropic's messages."""

from typing import Annotated

from pydantic import Discriminator, Field, Tag

from services.gateway.dialects.bodies import StrictBody, text_or_parts
from services.gateway.domain.body.chat import TokenBound


def _text_parts_or_object(value: object) -> str:
    """Results of Anthropic's server-side tools are one object."""
    return "<object>" if isinstance(value, dict) else text_or_parts(value)


class Block(StrictBody):
    """A content block of any kind; what a kind needs is looked at when it is translated."""

    type: str
    text: str | None = None
    source: object = None
    id: str | None = None
    name: str | None = None
    input: dict[str, object] | None = None
    tool_use_id: str | None = None
    content: "Inner | None" = None
    is_error: bool | None = None
    thinking: str | None = None
    title: str | None = None
    context: str | None = None


Blocks = Annotated[Annotated[str, Tag("<text>")] | Annotated[list[Block], Tag("<parts>")], Discriminator(text_or_parts)]
Inner = Annotated[
    Annotated[str, Tag("<text>")]
    | Annotated[list[Block], Tag("<parts>")]
    | Annotated[dict[str, object], Tag("<object>")],
    Discriminator(_text_parts_or_object),
]


class Source(StrictBody):
    """The source of an image or a document."""

    type: str
    media_type: str | None = None
    data: str | None = None
    url: str | None = None
    content: Blocks | None = None


class TurnBody(StrictBody):
    role: str
    content: Blocks


class ToolBody(StrictBody):
    """`type` is absent or `custom` for tools of the client; others run at Anthropic."""

    name: str
    type: str | None = None
    description: str | None = None
    input_schema: dict[str, object] | None = None
    strict: bool | None = None


class ToolChoice(StrictBody):
    type: str
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class Thinking(StrictBody):
    type: str
    budget_tokens: int | None = None
    display: str | None = None


class Format(StrictBody):
    type: str
    schema_: dict[str, object] | None = Field(None, alias="schema")


class OutputConfig(StrictBody):
    format: Format | None = None


class Metadata(StrictBody):
    user_id: str | None = None


class CountBody(StrictBody):
    """What is counted: a request that need not say how long its answer may be."""

    model: str
    messages: list[TurnBody] = Field(min_length=1)
    system: Blocks | None = None
    tools: list[ToolBody] | None = None
    tool_choice: ToolChoice | None = None
    thinking: Thinking | None = None


class MessagesBody(CountBody):
    """A request for an answer."""

    max_tokens: TokenBound
    stream: bool | None = None
    stop_sequences: list[str] | None = None
    temperature: float | None = Field(None, ge=0, le=1)
    top_p: float | None = None
    top_k: int | None = None
    metadata: Metadata | None = None
    output_config: OutputConfig | None = None
    output_format: Format | None = None
