"""What the recogniser hands to the planner."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a precision tool. `focus` names the fact that was asked for, where the tool knows several."""

    tool: str
    arguments: Mapping[str, JsonValue]
    focus: str | None = None
