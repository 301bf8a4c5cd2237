"""The request body of OpenAI's Responses."""

from typing import Annotated

from pydantic import Discriminator, Field, Tag

from services.gateway.dialects.bodies import StrictBody, text_or_parts
from services.gateway.domain.body.chat import TokenBound


class InputPart(StrictBody):
    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: str | None = None
    detail: str | None = None
    file_data: str | None = None
    file_url: str | None = None
    filename: str | None = None


Parts = Annotated[
    Annotated[str, Tag("<text>")] | Annotated[list[InputPart], Tag("<parts>")], Discriminator(text_or_parts)
]


class Item(StrictBody):
    """An item of the input of any kind; what a kind needs is looked at when it is translated."""

    type: str = "message"
    role: str | None = None
    content: Parts | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: str | None = None
    output: Parts | None = None


Input = Annotated[Annotated[str, Tag("<text>")] | Annotated[list[Item], Tag("<parts>")], Discriminator(text_or_parts)]


class Tool(StrictBody):
    type: str
    name: str | None = None
    description: str | None = None
    parameters: dict[str, object] | None = None
    strict: bool | None = None


class TextFormat(StrictBody):
    type: str
    name: str = "answer"
    schema_: dict[str, object] | None = Field(None, alias="schema")
    strict: bool | None = None


class TextConfig(StrictBody):
    format: TextFormat | None = None


class Reasoning(StrictBody):
    effort: str | None = None


Pair = Annotated[str, Field(max_length=512)]


class InputTokensBody(StrictBody):
    """What is counted. The SDKs' types require no field of it; without a model and an input nothing can be counted."""

    model: str
    input: Input
    instructions: str | None = None
    tools: list[Tool] | None = None
    tool_choice: object = None
    parallel_tool_calls: bool | None = None
    text: TextConfig | None = None
    reasoning: Reasoning | None = None
    previous_response_id: str | None = None
    conversation: object = None


class ResponsesBody(InputTokensBody):
    """A request for an answer."""

    max_output_tokens: TokenBound | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = None
    top_logprobs: int | None = None
    include: list[str] | None = None
    prompt: object = None
    background: bool | None = None
    store: bool | None = None
    stream: bool | None = None
    metadata: dict[str, Pair] | None = Field(None, max_length=16)
    user: str | None = None
    safety_identifier: str | None = None
