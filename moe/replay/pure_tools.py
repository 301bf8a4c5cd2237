"""Runs pure tools in this process."""

from libs.contracts.tool_catalogue import catalogue
from services.mcp.contract import AnswerStyle, Arguments, ToolResult

_SERVED = frozenset(tool.name for tool in catalogue() if tool.served)


def is_served(tool: str) -> bool:
    """True if a tool reads from outside, which a replay cannot repeat."""
    return tool in _SERVED


def computed(tool: str, args: Arguments, style: AnswerStyle) -> ToolResult:
    """Run a pure tool. Raises ToolError."""
    from services.mcp.tools.pure.registry import (
        invoke,
    )  # takes a second, so import only on a call

    return invoke(tool, args, style)
