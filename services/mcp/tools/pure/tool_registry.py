"""Pure tools by their names."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from services.mcp.contract import AnswerStyle, AnyTool, Arguments, ToolError, ToolResult

_NAME_CHARS = 40


class ToolRegistry:
    """Runs tools in this process, any number of times."""

    def __init__(self, tools: Iterable[AnyTool]) -> None:
        self.tools = tuple(tools)
        self._by_name: Mapping[str, AnyTool] = {tool.name: tool for tool in self.tools}

    def invoke(self, name: str, args: Arguments, style: AnswerStyle) -> ToolResult:
        """Run one tool. Raises ToolError; pure, so it may be repeated."""
        tool = self._by_name.get(name)
        if tool is None:
            raise unknown_tool(name, self._by_name)
        return tool.invoke(args, style)


def unknown_tool(name: str, known: Iterable[str]) -> ToolError:
    """Lists tools with similar names."""
    near = get_close_matches(name[:_NAME_CHARS], known)
    hint = f"did you mean {' or '.join(near)}?" if near else "GET /tools lists those that there are"
    return ToolError("unknown_tool", f"there is no tool named {name[:_NAME_CHARS]!a}; {hint}")
