"""The recogniser's result."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a precision tool. `focus` names the requested fact if the tool knows several."""

    tool: str
    arguments: Mapping[str, JsonValue]
    focus: str | None = None
