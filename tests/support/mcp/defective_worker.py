"""A worker program whose tool has defects: it raises the error that it is named after."""

import builtins
import os
import sys

from services.mcp.contract import AnswerStyle, Arguments, ToolResult
from services.mcp.workers.fork_server_main import run_fork_server
from services.mcp.workers.isolation import ProcessLimits


def fail(tool: str, args: Arguments, style: AnswerStyle, document: bytes) -> ToolResult:
    """Raise, or return the id of the worker."""
    if tool == "pid":
        return ToolResult(tool=tool, result={}, answer=str(os.getpid()))
    raise vars(builtins)[tool]("on purpose")


if __name__ == "__main__":
    run_fork_server(fail, ProcessLimits.model_validate_json(sys.argv[1]))
