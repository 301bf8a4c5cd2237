"""What a server turned out to understand. It is asked for everything first, and less after it said no."""

from dataclasses import dataclass, replace
from typing import Literal

from libs.ports.llm import ModelRequest

OutputMode = Literal["json_schema", "json_object", "plain"]
_LESS: dict[OutputMode, OutputMode] = {"json_schema": "json_object", "json_object": "plain"}


@dataclass(frozen=True, slots=True)
class ServerCapabilities:
    """Which parts of the chat protocol one model on one server takes."""

    output: OutputMode = "json_schema"
    stream_usage: bool = True
    limit_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    temperature: bool = True


def simpler(dialect: ServerCapabilities, request: ModelRequest, complaint: str) -> ServerCapabilities | None:
    """Return what to try after a 400 whose body is `complaint`, or None when nothing is left to give up."""
    said = complaint.lower()
    if request.max_tokens and dialect.limit_field == "max_tokens" and "max_completion_tokens" in said:
        return replace(dialect, limit_field="max_completion_tokens")
    if dialect.stream_usage and "stream_options" in said:
        return replace(dialect, stream_usage=False)
    if request.temperature is not None and dialect.temperature and _unsupported("temperature", said):
        return replace(dialect, temperature=False)
    if request.json_schema is not None and (less := _LESS.get(dialect.output)):
        return replace(dialect, output=less)
    return None


def _unsupported(parameter: str, said: str) -> bool:
    return parameter in said and ("unsupported" in said or "not support" in said)
