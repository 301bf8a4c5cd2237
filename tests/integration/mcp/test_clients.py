"""The official client of the protocol, over HTTP in every revision that we speak."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Literal

import httpx2
import pytest
import pytest_asyncio
from mcp.client.client import Client
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import ToolsListChanged
from mcp_types import CallToolResult, TextContent

from libs.testing.waiting import eventually, waiting
from tests.support.mcp.tool_server import HEADERS, client_with, tool_server

pytestmark = pytest.mark.asyncio(loop_scope="module")
Way = Literal["2026-07-28", "2025-11-25", "sse"]
WAYS: tuple[Way, ...] = ("2026-07-28", "2025-11-25", "sse")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with tool_server(tmp_path_factory.mktemp("tools")) as served:
        yield served


@asynccontextmanager
async def client_of(address: str, way: Way) -> AsyncIterator[Client]:
    if way == "sse":
        async with Client(sse_client(f"{address}/mcp/sse", headers=HEADERS), mode="legacy") as client:
            yield client
        return
    async with client_with() as http:
        transport = streamable_http_client(f"{address}/mcp", http_client=http)
        async with Client(transport, mode="auto" if way == "2026-07-28" else "legacy") as client:
            assert client.protocol_version == way
            yield client


@pytest.mark.parametrize("way", WAYS)
async def test_a_tool_is_listed_with_its_schemas_and_what_it_does(address: str, way: Way) -> None:
    async with client_of(address, way) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    told = tools["calculate"]
    assert told.input_schema["type"] == "object"
    assert told.output_schema is not None
    assert told.annotations is not None
    hints = told.annotations
    assert (hints.read_only_hint, hints.idempotent_hint, hints.destructive_hint, hints.open_world_hint) == (
        True, True, False, False,
    )  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
async def test_the_order_of_tools_is_the_same_each_time(address: str, way: Way) -> None:
    async with client_of(address, way) as client:
        first, second = [[tool.name for tool in (await client.list_tools()).tools] for _ in range(2)]
    assert first == second


@pytest.mark.parametrize("way", WAYS)
async def test_a_result_is_a_sentence_and_structured_content(address: str, way: Way) -> None:
    async with client_of(address, way) as client:
        await client.list_tools()  # now the client holds results against their schemas
        result = await client.call_tool("calculate", {"expression": "0.1+0.2"})
    assert _is_fine(result)
    assert result.structured_content["exact"] == "0.3"
    assert "0.3" in _texts(result)[0]


@pytest.mark.parametrize("way", WAYS)
async def test_a_refusal_is_a_result_with_our_code(address: str, way: Way) -> None:
    async with client_of(address, way) as client:
        await client.list_tools()
        result = await client.call_tool("calculate", {"expression": "1/0"})
    assert result.is_error
    assert result.structured_content is None
    assert _texts(result)[0].startswith("division_by_zero: ")
    assert (result.meta or {})["sovereign-fleet/error"]["code"] == "division_by_zero"


@pytest.mark.parametrize("way", WAYS)
async def test_a_tool_that_there_is_not_is_an_error_of_the_protocol(address: str, way: Way) -> None:
    async with client_of(address, way) as client:
        with pytest.raises(MCPError, match="no tool named"):
            await client.call_tool("calculat", {})


@pytest.mark.parametrize("way", WAYS)
async def test_a_tool_that_is_switched_off_is_neither_listed_nor_run(address: str, way: Way) -> None:
    async with client_of(address, way) as client, client_with() as admin:
        await admin.post(f"{address}/tools/day_of_week/toggle", json={"enabled": False})
        names = {tool.name for tool in (await client.list_tools(cache_mode="refresh")).tools}
        refused = await client.call_tool("day_of_week", {"date_str": "2024-02-29"})
        await admin.post(f"{address}/tools/day_of_week/toggle", json={"enabled": True})
        answered = await client.call_tool("day_of_week", {"date_str": "2024-02-29"})
    assert "day_of_week" not in names
    assert _texts(refused)[0].startswith("disabled: ")
    assert _is_fine(answered)


async def test_every_example_is_answered_as_its_schema_promises(address: str) -> None:
    async with client_with() as rest, client_of(address, "2026-07-28") as client:
        described = (await rest.get(f"{address}/tools")).json()["tools"]
        await client.list_tools()
        for tool in described:
            if tool["available"] and not tool["annotations"]["open_world"]:
                result = await client.call_tool(tool["name"], tool["example"]["args"])
                assert _is_fine(result), tool["name"]


async def test_a_list_may_be_kept_for_a_minute_by_its_owner(address: str) -> None:
    async with client_of(address, "2026-07-28") as client:
        listed = await client.list_tools()
    assert (listed.ttl_ms, listed.cache_scope) == (60_000, "private")


async def test_whoever_listens_hears_that_the_list_has_changed(address: str) -> None:
    async with (
        client_of(address, "2026-07-28") as client,
        client_with() as admin,
        client.listen(tools_list_changed=True) as changes,
    ):
        await admin.post(f"{address}/tools/day_of_week/toggle", json={"enabled": False})
        async with waiting(30):
            assert isinstance(await anext(aiter(changes)), ToolsListChanged)
        await admin.post(f"{address}/tools/day_of_week/toggle", json={"enabled": True})


async def test_no_key_has_more_than_a_quarter_of_the_listeners(tmp_path: Path) -> None:
    async with tool_server(tmp_path, MOE_MCP_SESSIONS="4") as address, client_of(address, "2026-07-28") as client:
        async with client.listen(tools_list_changed=True):
            with pytest.raises(MCPError, match="Listeners of one key: the limit is 1"):
                await _listened(client)
        await eventually(lambda: _may_listen(client), within_s=30)


async def test_whoever_listens_is_told_when_the_server_stops(tmp_path: Path) -> None:
    async with AsyncExitStack() as server:
        address = await server.enter_async_context(tool_server(tmp_path))
        async with client_of(address, "2026-07-28") as client, client.listen(tools_list_changed=True) as changes:
            await server.aclose()
            assert [change async for change in changes] == []  # an end, and no broken connection


async def test_a_stop_waits_for_no_stream(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with AsyncExitStack() as server, client_with() as http:
        address = await server.enter_async_context(tool_server(tmp_path))
        async with http.stream("GET", f"{address}/mcp/sse") as stream:
            lines = (line async for line in stream.aiter_lines() if line.startswith("data: "))
            assert "/mcp/sse/messages?session_id=" in await anext(lines)
            await server.aclose()
            assert [line async for line in lines] == []
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_a_stop_waits_for_no_session(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with AsyncExitStack() as server, client_with() as http:
        address = await server.enter_async_context(tool_server(tmp_path))
        headers = _ACCEPT | {"mcp-session-id": await _opened(http, address)}
        async with http.stream("GET", f"{address}/mcp", headers=headers) as stream:
            await server.aclose()
            assert [line async for line in stream.aiter_lines() if line.startswith("data: ")] == []
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_a_session_ends_when_its_client_says_so(address: str) -> None:
    async with client_with() as http:
        session = await _opened(http, address)
        headers = {"mcp-session-id": session, "mcp-protocol-version": "2025-11-25"}
        assert (await http.delete(f"{address}/mcp", headers=headers)).status_code == 200
        assert (await http.post(f"{address}/mcp", json=_PING, headers=_ACCEPT | headers)).status_code == 404


async def test_no_key_opens_more_than_a_quarter_of_the_sessions(tmp_path: Path) -> None:
    async with tool_server(tmp_path, MOE_MCP_SESSIONS="8") as address, client_with() as http:
        for _ in range(2):
            await _opened(http, address)
        refused = await http.post(f"{address}/mcp", json=_INITIALIZE, headers=_ACCEPT)
        assert refused.status_code == 503


async def test_no_more_streams_are_opened_than_are_allowed(tmp_path: Path) -> None:
    async with tool_server(tmp_path, MOE_MCP_SESSIONS="1") as address, client_with() as http:
        async with http.stream("GET", f"{address}/mcp/sse") as stream:
            assert stream.status_code == 200
            assert (await http.get(f"{address}/mcp/sse")).status_code == 503

        async def opened() -> bool:
            return await _status_of_stream(http, address) == 200

        await eventually(opened, within_s=30, look_every_s=0.02)  # a closed session frees a slot


async def test_without_sessions_any_replica_answers_clients_of_2025(tmp_path: Path) -> None:
    async with tool_server(tmp_path, MOE_MCP_SESSIONS="0") as address, client_of(address, "2025-11-25") as client:
        assert _is_fine(await client.call_tool("calculate", {"expression": "1+1"}))


async def _listened(client: Client) -> None:
    async with client.listen(tools_list_changed=True):
        pass


async def _may_listen(client: Client) -> bool:
    try:
        await _listened(client)
    except MCPError:
        return False
    return True


_ACCEPT = {"accept": "application/json, text/event-stream"}
_PING = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
_INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


async def _status_of_stream(http: httpx2.AsyncClient, address: str) -> int:
    async with http.stream("GET", f"{address}/mcp/sse") as stream:
        return stream.status_code


async def _opened(http: httpx2.AsyncClient, address: str) -> str:
    """Open a session by hand; return its id."""
    answer = await http.post(f"{address}/mcp", json=_INITIALIZE, headers=_ACCEPT)
    assert answer.status_code == 200
    session = answer.headers["mcp-session-id"]
    assert isinstance(session, str)
    return session


def _is_fine(result: CallToolResult) -> bool:
    return not result.is_error and result.structured_content is not None


def _texts(result: CallToolResult) -> list[str]:
    return [content.text for content in result.content if isinstance(content, TextContent)]
