"""The precision tools, as the mcp service calls them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from libs.core.errors import Rejected


class ToolFailed(Rejected):
    """The tool refused its arguments or hit a limit. `code` is machine-readable, the message is for a person."""

    code = "tool_failed"


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """`answer` is one sentence that contains the value; `result_json` the whole typed result."""

    answer: str
    result_json: str


class ToolBox(Protocol):
    """Runs tools by name in isolation."""

    async def run(self, tool: str, arguments: Mapping[str, str], *, language: str, focus: str) -> ToolOutput:
        """Return the result. Raises ToolFailed. Cancelling the awaiting task kills the work."""
        ...
