"""The bodies of Ollama's API as clients send them."""

from pydantic import BaseModel, Field

from services.gateway.dialects.bodies import StrictBody


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
    """Streams by default. `options` are hints for one runner, as in Ollama."""

    model: str = Field(min_length=1)
    stream: bool | None = None
    format: object = None
    options: dict[str, object] | None = None
    think: bool | str | None = None
    keep_alive: object = None


class ChatBody(CommonBody):
    """Without messages it asks for nothing but the model to be loaded."""

    messages: list[MessageBody] | None = None
    tools: list[object] | None = None


class GenerateBody(CommonBody):
    """Without a prompt and images it asks for nothing but the model to be loaded."""

    prompt: str = ""
    system: str | None = None
    suffix: str | None = None
    images: list[str] | None = None
    raw: bool | None = None


class Hints(StrictBody):
    """The `options` that a direct request forwards to its model."""

    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None


class ShowBody(BaseModel):
    """Which model; `name` is how it was called before."""

    model: str = ""
    name: str = ""
