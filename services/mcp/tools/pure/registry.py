"""All pure tools, in the order in which they are listed."""

from services.mcp.contract import AnswerStyle, AnyTool, Arguments, ToolResult
from services.mcp.tools.pure.descriptions import PureTools
from services.mcp.tools.pure.quick import QUICK
from services.mcp.tools.pure.slow import SLOW
from services.mcp.tools.pure.tool_registry import ToolRegistry

_ALL = ToolRegistry((*QUICK.tools, *SLOW.tools))
TOOLS: tuple[AnyTool, ...] = _ALL.tools
_PLAIN = AnswerStyle()


def describe() -> PureTools:
    quick, slow = (tuple([tool.describe() for tool in tools.tools]) for tools in (QUICK, SLOW))
    return PureTools(quick=quick, lengthy=slow)


def invoke(name: str, args: Arguments, style: AnswerStyle = _PLAIN) -> ToolResult:
    """Run one tool in this process. Raises ToolError; pure, so it may be repeated."""
    return _ALL.invoke(name, args, style)
