"""The tools that are there: a tuple, in the order in which they are listed."""

from collections.abc import Mapping

from services.mcp.tools.calculate.tool import CALCULATE
from services.mcp.tools.contract import AnswerStyle, AnyTool, Arguments, ToolDescription, ToolError, ToolResult
from services.mcp.tools.date_diff.tool import DATE_DIFF
from services.mcp.tools.subnet_calc.tool import SUBNET_CALC

TOOLS: tuple[AnyTool, ...] = (CALCULATE, DATE_DIFF, SUBNET_CALC)

_BY_NAME: Mapping[str, AnyTool] = {tool.name: tool for tool in TOOLS}
_PLAIN = AnswerStyle()


def describe() -> tuple[ToolDescription, ...]:
    """Return what `GET /tools` lists, in a stable order."""
    return tuple([tool.describe() for tool in TOOLS])


def invoke(name: str, args: Arguments, style: AnswerStyle = _PLAIN) -> ToolResult:
    """Run one tool in this process. Raises ToolError; pure, so it may be repeated."""
    tool = _BY_NAME.get(name)
    if tool is None:
        raise ToolError("unknown_tool", f"there is no tool named {name[:40]!a}; there are {', '.join(_BY_NAME)}")
    return tool.invoke(args, style)
