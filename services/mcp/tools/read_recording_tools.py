"""Tools with a read log: the message that a call led to carries its result or its failure."""

from typing import Protocol

from libs.core.reads import record_read
from services.mcp.contract import AnswerStyle, Arguments, Caller, ToolError, ToolResult

KIND = "tool"


class Tools(Protocol):
    async def invoke(self, tool: str, args: Arguments, *, style: AnswerStyle, caller: Caller) -> ToolResult:
        """Run one tool. Raises ToolError."""
        ...


class ReadRecordingTools:
    """`Tools` around other ones."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def invoke(self, tool: str, args: Arguments, *, style: AnswerStyle, caller: Caller) -> ToolResult:
        """Run one tool, and write on the tape how it ended. Raises ToolError."""
        try:
            result = await self._tools.invoke(tool, args, style=style, caller=caller)
        except ToolError as error:
            record_read(KIND, tool=tool, error=error.code, message=str(error))
            raise
        record_read(KIND, tool=tool, result=result.model_dump_json())
        return result
