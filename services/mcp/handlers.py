"""Handler of mcp: run a tool."""

from dataclasses import dataclass

from libs.contracts.answer import Failure
from libs.contracts.finding import Finding
from libs.contracts.part_sources import TOOL
from libs.contracts.progress import PartCompleted
from libs.contracts.tool import RunTool
from libs.core.errors import Retryable
from services.mcp.contract import AnswerStyle, Caller, ToolError, ToolResult
from services.mcp.tools.policy import granted
from services.mcp.tools.read_recording_tools import Tools

TRY_AGAIN = frozenset({"busy", "worker_lost"})


@dataclass(frozen=True)
class Deps:
    tools: Tools


async def run_tool(event: RunTool, deps: Deps) -> PartCompleted:
    """Run a tool; a refusal completes the part with a failure. Raises Retryable for the codes in `TRY_AGAIN`."""
    call = event.call
    style = AnswerStyle(language=event.language, focus=call.focus or None)
    caller = Caller(event.envelope.tenant, granted(event.tools), event.envelope.response_id)
    try:
        result = await deps.tools.invoke(call.tool, call.arguments, style=style, caller=caller)
    except ToolError as error:
        if error.code in TRY_AGAIN:
            raise Retryable(str(error), code=error.code) from error
        failure = Failure(code=error.code, message=str(error))
        return PartCompleted(part=event.part, part_kind=TOOL.kind, failure=failure).after(event)
    return PartCompleted(part=event.part, part_kind=TOOL.kind, finding=_finding(result)).after(event)


def _finding(result: ToolResult) -> Finding:
    return Finding(text=result.answer, headline=result.answer, confidence="high", source=result.tool)
