"""Pure tools, computed in this process."""

from libs.contracts.tool_catalogue import catalogue
from services.mcp.contract import AnswerStyle, Arguments, ToolResult

_SERVED = frozenset(tool.name for tool in catalogue() if tool.served)


def is_served(tool: str) -> bool:
    """Return whether a tool asks something outside: what it read, nobody can read again."""
    return tool in _SERVED


def computed(tool: str, args: Arguments, style: AnswerStyle) -> ToolResult:
    """Return what a pure tool says. Raises ToolError."""
    from services.mcp.tools.pure.registry import invoke  # all pure tools: a second, for requests that called one

    return invoke(tool, args, style)
