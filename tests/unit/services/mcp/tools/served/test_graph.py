"""The tools of the graph are listed with their arguments, and pretend nothing."""

import pytest
from pydantic import JsonValue

from services.mcp.contract import AnswerStyle, AnyServedTool, Caller, ToolError
from services.mcp.tools.served.graph import build

TOOLS = build()
ARGUMENTS = {
    "graph_query": {"query", "categories"},
    "graph_ingest": {"question", "answer", "domain", "source_model", "confidence"},
    "graph_provenance": {"entity_name"},
    "search_context": {"query", "session_id", "n_results"},
}


def test_the_tools_and_their_arguments_are_those_that_are_known() -> None:
    told = {tool.name: tool.describe().input_schema["properties"] for tool in TOOLS}
    assert {name: set(fields) for name, fields in told.items() if isinstance(fields, dict)} == ARGUMENTS


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
async def test_a_tool_says_why_it_does_not_run_and_answers_nothing(tool: AnyServedTool) -> None:
    assert tool.unavailable is not None
    assert tool.unavailable.endswith("not there yet")
    with pytest.raises(ToolError, match="not there yet") as caught:
        await tool.invoke(tool.describe().example.args, AnswerStyle(), Caller("acme"))
    assert caught.value.code == "unavailable"


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
async def test_an_error_example_is_refused_for_its_arguments(tool: AnyServedTool) -> None:
    example = tool.describe().error_example
    args: dict[str, JsonValue] = example.args
    with pytest.raises(ToolError) as caught:
        await tool.invoke(args, AnswerStyle(), Caller("acme"))
    assert caught.value.code == example.code
