"""Parts that exact tools compute."""

from libs.contracts.message import PartMessage
from libs.contracts.part_source import PartBrief, PartSource
from libs.contracts.plan import PlannedPart
from libs.contracts.sources.expert import ask_expert
from libs.contracts.tool import RunTool


def run_tool(part: PlannedPart, brief: PartBrief) -> PartMessage:
    if part.call is None:
        return ask_expert(part, brief)
    tools = brief.staffing.tools if brief.staffing is not None else None
    return RunTool(part=part.id, call=part.call, language=brief.question.language, tools=tools)


SOURCE = PartSource("tool", 10, "mcp", (RunTool,), run_tool)
