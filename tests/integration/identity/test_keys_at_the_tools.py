"""Keys of the directory open the tools as they open the gateway: with their grants, and no further."""

from pathlib import Path

import httpx2
import pytest

from libs.ports.directory import NewKey
from libs.testing.keys import SIGNING_KEY, every_root
from libs.testing.waiting import eventually
from tests.support.identity.registry import Registry
from tests.support.mcp.tool_server import client_with, tool_server

pytestmark = pytest.mark.embedded
CALL = {"tool": "calculate", "args": {"expression": "1+1"}}
ACCEPT = {"accept": "application/json, text/event-stream"}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


async def _given(registry: Registry) -> dict[str, str]:
    return {"POSTGRES_CHECKPOINT_URL": registry.url, **every_root(SIGNING_KEY)}


async def test_a_key_runs_what_its_owner_was_granted_and_nothing_else(registry: Registry, tmp_path: Path) -> None:
    await registry.people.create_user("bob")
    await registry.grant_user("bob", "mcp_tool", "date_diff")
    key = await registry.keys.create(NewKey("bob"))
    async with tool_server(tmp_path, **await _given(registry)) as address, client_with(key) as client:
        listed = (await client.get(f"{address}/tools")).json()["tools"]
        refused = await client.post(f"{address}/invoke", json=CALL)
        toggled = await client.post(f"{address}/tools/date_diff/toggle", json={"enabled": False})
    assert [tool["name"] for tool in listed] == ["date_diff"]
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    assert (toggled.status_code, toggled.json()["error"]["code"]) == (403, "forbidden")


async def test_an_admin_s_key_switches_a_tool_for_everybody(registry: Registry, tmp_path: Path) -> None:
    await registry.people.create_user("ada")
    key = await registry.keys.create(NewKey("ada", admin=True))
    given = await _given(registry)
    async with tool_server(tmp_path / "one", **given) as one, tool_server(tmp_path / "other", **given) as other:
        async with client_with(key) as admin:
            off = await admin.post(f"{one}/tools/calculate/toggle", json={"enabled": False})
        async with client_with() as client:
            refused = await client.post(f"{one}/invoke", json=CALL)
            elsewhere = await becomes_refused(client, other)
    assert off.json()["enabled"] is False
    assert refused.json()["error"]["code"] == "disabled"
    assert elsewhere.json()["error"]["code"] == "disabled"


async def becomes_refused(client: httpx2.AsyncClient, address: str) -> httpx2.Response:
    """First refusal: another server reads a switch from the database with a delay."""

    async def refusal() -> httpx2.Response | None:
        reply = await client.post(f"{address}/invoke", json=CALL)
        return reply if "error" in reply.json() else None

    return await eventually(refusal, within_s=30)


async def test_a_session_answers_no_other_key(registry: Registry, tmp_path: Path) -> None:
    await registry.people.create_user("bob")
    key = await registry.keys.create(NewKey("bob"))
    async with tool_server(tmp_path, **await _given(registry)) as address:
        async with client_with() as owner:
            opened = await owner.post(f"{address}/mcp", json=INITIALIZE, headers=ACCEPT)
        headers = ACCEPT | {"mcp-session-id": opened.headers["mcp-session-id"]}
        ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
        async with client_with(key) as other_client, client_with() as owner:
            refused = await other_client.post(f"{address}/mcp", json=ping, headers=headers)
            answered = await owner.post(f"{address}/mcp", json=ping, headers=headers)
    assert (refused.status_code, answered.status_code) == (404, 200)


async def test_a_stream_takes_messages_from_the_key_alone_that_opened_it(registry: Registry, tmp_path: Path) -> None:
    await registry.people.create_user("bob")
    key = await registry.keys.create(NewKey("bob"))
    async with (
        tool_server(tmp_path, **await _given(registry)) as address,
        client_with() as owner,
        client_with(key) as other_client,
        owner.stream("GET", f"{address}/mcp/sse") as stream,
    ):
        lines = (line async for line in stream.aiter_lines() if line.startswith("data: "))
        place = address + (await anext(lines)).removeprefix("data: ")
        refused = await other_client.post(place, json=INITIALIZE)
        taken = await owner.post(place, json=INITIALIZE)
        told = await anext(lines)
    assert (refused.status_code, taken.status_code) == (404, 202)
    assert '"serverInfo"' in told
