"""The fork server of one group of tools. It starts with an empty environment."""

import sys
from contextlib import suppress

from services.mcp.contract import AnswerStyle, Arguments, ToolError, ToolResult
from services.mcp.tools.pure.tool_registry import ToolRegistry
from services.mcp.workers.fork_server_main import run_fork_server
from services.mcp.workers.isolation import ProcessLimits

_PLAIN = AnswerStyle()


def run_worker(registry: ToolRegistry) -> None:
    """Import the tools, then serve fork orders; files may be unreadable after the first fork. Blocks."""
    for tool in registry.tools:
        for call in (tool.example, tool.error_example):
            with suppress(ToolError):
                registry.invoke(tool.name, call.args, _PLAIN)

    def invoke(tool: str, args: Arguments, style: AnswerStyle, _: bytes) -> ToolResult:
        return registry.invoke(tool, args, style)

    run_fork_server(invoke, ProcessLimits.model_validate_json(sys.argv[1]))
