"""`moe mcp --stdio` as a desktop client starts it: a child process with the protocol on its pipes."""

import sys
from pathlib import Path

import pytest
from mcp.client.client import Client, ConnectMode
from mcp.client.stdio import StdioServerParameters
from mcp_types import TextContent

from libs.adapters.switches.file import FileSwitches
from services.mcp.assembly.tool_switches import FILE

ROOT = Path(__file__).parents[3]


def child(data_dir: Path) -> StdioServerParameters:
    command = ["-m", "moe", "mcp", "--stdio"]
    return StdioServerParameters(
        command=sys.executable, args=command, cwd=ROOT, env={"MOE_DATA_DIR": str(data_dir), "PYTHONPATH": str(ROOT)}
    )


@pytest.mark.parametrize("mode", ["auto", pytest.param("legacy", marks=pytest.mark.whole)])
async def test_a_child_process_lists_and_runs_tools(tmp_path: Path, mode: ConnectMode) -> None:
    async with Client(child(tmp_path), mode=mode) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        result = await client.call_tool("calculate", {"expression": "15 % von 119,99"})
    assert {"calculate", "date_diff"} <= tools
    assert result.structured_content["exact"] == "17.9985"


async def test_what_is_switched_off_is_off_in_a_child_process(tmp_path: Path) -> None:
    await FileSwitches(tmp_path / FILE).turn("calculate", "ada", on=False)
    async with Client(child(tmp_path)) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        result = await client.call_tool("calculate", {"expression": "1+1"})
    assert "calculate" not in tools
    assert isinstance(result.content[0], TextContent)
    assert result.content[0].text.startswith("disabled: ")
