"""The bodies of Ollama's API as clients send them."""

from pydantic import Field

from services.gateway.domain.dialects.bodies import StrictBody


class CalledFunction(StrictBody):
    name: str
    arguments: dict[str, object] | None = None


class Call(StrictBody):
    id: str | None = None
    function: CalledFunction


class MessageBody(StrictBody):
    role: str
    content: str | None = None
    thinking: str | None = None
    images: list[str] | None = None
    tool_calls: list[Call] | None = None
    tool_name: str | None = None
    tool_call_id: str | None = None


class CommonBody(StrictBody):
    """Streams unless told otherwise. `options` are hints for one runner, as they are at Ollama's."""

    model: str = Field(min_length=1)
    stream: bool | None = None
    format: object = None
    options: dict[str, object] | None = None
    think: bool | str | None = None


class ChatBody(CommonBody):
    messages: list[MessageBody] = Field(min_length=1)
    tools: list[object] | None = None


class GenerateBody(CommonBody):
    prompt: str = ""
    system: str | None = None
    suffix: str | None = None
    images: list[str] | None = None
    raw: bool | None = None
