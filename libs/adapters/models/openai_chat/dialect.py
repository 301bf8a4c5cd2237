"""Server capabilities, detected by sending everything first and less after each 400."""

from dataclasses import dataclass, replace
from typing import Literal

from libs.ports.llm import ModelRequest

OutputMode = Literal["json_schema", "json_object", "plain"]
_LESS: dict[OutputMode, OutputMode] = {"json_schema": "json_object", "json_object": "plain"}


@dataclass(frozen=True, slots=True)
class ServerCapabilities:
    """The parts of the chat protocol that one model on one server supports."""

    output: OutputMode = "json_schema"
    stream_usage: bool = True
    limit_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    temperature: bool = True


def simpler(dialect: ServerCapabilities, request: ModelRequest, complaint: str) -> ServerCapabilities | None:
    """Capabilities to try after a 400 with the body `complaint`; None when no reduction is left."""
    text = complaint.lower()
    if request.max_tokens and dialect.limit_field == "max_tokens" and "max_completion_tokens" in text:
        return replace(dialect, limit_field="max_completion_tokens")
    if dialect.stream_usage and "stream_options" in text:
        return replace(dialect, stream_usage=False)
    if request.temperature is not None and dialect.temperature and _unsupported("temperature", text):
        return replace(dialect, temperature=False)
    if request.json_schema is not None and (less := _LESS.get(dialect.output)):
        return replace(dialect, output=less)
    return None


def _unsupported(parameter: str, text: str) -> bool:
    return parameter in text and ("unsupported" in text or "not support" in text)
