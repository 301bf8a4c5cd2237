"""The tools over REST: authorization, responses, and switches of admins."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from libs.testing.waiting import eventually
from services.mcp.api.body import MAX_BODY_BYTES
from tests.support.mcp.tool_server import KEY, client_with, tool_server

pytestmark = pytest.mark.asyncio(loop_scope="module")
CALL = {"tool": "calculate", "args": {"expression": "0.1+0.2"}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with tool_server(tmp_path_factory.mktemp("tools")) as served:
        yield served


async def test_a_tool_is_run(address: str) -> None:
    async with client_with() as client:
        told = (await client.post(f"{address}/invoke", json=CALL)).json()
    assert (told["status"], told["tool"], told["result"]["exact"]) == ("ok", "calculate", "0.3")
    assert told["answer"]


@pytest.mark.parametrize("key", [None, "wrong-key", "moe-sk-" + "0" * 40])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/tools"),
        ("POST", "/invoke"),
        ("POST", "/tools/calculate/toggle"),
        ("POST", "/mcp"),
        ("GET", "/mcp"),
        ("DELETE", "/mcp"),
        ("GET", "/mcp/sse"),
        ("POST", "/mcp/sse/messages?session_id=" + "0" * 32),
        ("GET", "/no/such/path"),
    ],
)
async def test_nobody_comes_in_without_a_key(address: str, method: str, path: str, key: str | None) -> None:
    async with client_with(key) as client:
        refused = await client.request(method, address + path, json=CALL if method == "POST" else None)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert refused.json()["error"]["code"] == "unauthorized"


async def test_a_whole_number_of_any_size_reaches_a_tool_as_one(address: str) -> None:
    call = {"tool": "gcd_lcm", "args": {"a": 2**89 - 1, "b": 3}}
    async with client_with() as client:
        told = (await client.post(f"{address}/invoke", json=call)).json()
    assert "less than or equal" in told["error"]["message"]  # too large for this tool, not a fraction


async def test_keys_are_taken_where_the_gateway_takes_them(address: str) -> None:
    async with client_with(None, **{"x-api-key": KEY}) as client:
        assert (await client.get(f"{address}/tools")).status_code == 200


async def test_every_tool_says_how_it_stands(address: str) -> None:
    async with client_with() as client:
        tools = (await client.get(f"{address}/tools")).json()["tools"]
        again = (await client.get(f"{address}/tools")).json()["tools"]
    assert [tool["name"] for tool in tools] == [tool["name"] for tool in again]
    for tool in tools:
        assert tool["enabled"] is True
        assert tool["available"] == (tool["reason"] is None)
        assert {"name", "group", "description", "input_schema", "output_schema", "limits", "example"} <= tool.keys()


async def test_an_admin_switches_a_tool_off_and_on_again(address: str) -> None:
    async with client_with() as client:
        off = await client.post(f"{address}/tools/calculate/toggle", json={"enabled": False})
        refused = await client.post(f"{address}/invoke", json=CALL)
        listed = {tool["name"]: tool for tool in (await client.get(f"{address}/tools")).json()["tools"]}
        on = await client.post(f"{address}/tools/calculate/toggle")
        answered = await client.post(f"{address}/invoke", json=CALL)
    reason = "switched off by an admin"
    assert off.json() == {"name": "calculate", "enabled": False, "available": True, "reason": reason}
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "disabled")
    assert (listed["calculate"]["enabled"], listed["calculate"]["reason"]) == (False, reason)
    assert (on.json()["enabled"], answered.status_code) == (True, 200)


async def test_a_tool_that_there_is_not_cannot_be_switched(address: str) -> None:
    async with client_with() as client:
        refused = await client.post(f"{address}/tools/no_such_tool/toggle")
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "unknown_tool")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/invoke", b""),
        ("/invoke", b"{"),
        ("/invoke", b"[]"),
        ("/invoke", b'{"tool": 1}'),
        ("/invoke", b'{"tool": "calculate", "arguments": {}}'),
        ("/invoke", b"[" * 100_000),
        ("/tools/calculate/toggle", b'{"enabled": "no"}'),
        ("/tools/calculate/toggle", b'{"disabled": true}'),
    ],
    ids=["nothing", "cut", "list", "number", "other name", "deep", "word", "unknown field"],
)
async def test_a_body_that_is_no_call_is_refused(address: str, path: str, body: bytes) -> None:
    async with client_with() as client:
        refused = await client.post(address + path, content=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "bad_request")
    assert len(refused.text) < 500


@pytest.mark.parametrize("path", ["/invoke", "/mcp"])
async def test_a_body_that_is_too_large_is_refused(address: str, path: str) -> None:
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    async with client_with(**headers) as client:
        refused = await client.post(address + path, content=b" " * (MAX_BODY_BYTES + 1))
    assert refused.status_code == 413


@pytest.mark.parametrize("path", ["/invoke", "/mcp", "/mcp/sse/messages", "/tools"])
async def test_a_name_that_was_bound_anew_to_this_machine_is_refused(address: str, path: str) -> None:
    async with client_with(host="attacker.example") as client:
        assert (await client.post(address + path, json=CALL)).status_code == 421


@pytest.mark.parametrize("origin", ["https://attacker.example", "null", "http://127.0.0.1.attacker.example"])
async def test_a_foreign_page_is_refused(address: str, origin: str) -> None:
    async with client_with(origin=origin) as client:
        assert (await client.post(f"{address}/mcp", json=CALL)).status_code == 403


async def test_what_was_switched_off_is_off_after_a_restart(tmp_path: Path) -> None:
    async with tool_server(tmp_path) as address, client_with() as client:
        await client.post(f"{address}/tools/calculate/toggle", json={"enabled": False})
    async with tool_server(tmp_path) as address, client_with() as client:
        refused = await client.post(f"{address}/invoke", json=CALL)
    assert refused.json()["error"]["code"] == "disabled"


async def test_a_replica_beside_it_follows(address: str, tmp_path: Path) -> None:
    async with tool_server(tmp_path) as one, tool_server(tmp_path) as other, client_with() as client:
        assert (await client.post(f"{other}/invoke", json=CALL)).status_code == 200
        await client.post(f"{one}/tools/calculate/toggle", json={"enabled": False})

        async def refused() -> bool:
            return (await client.post(f"{other}/invoke", json=CALL)).status_code == 409

        await eventually(refused, within_s=30, look_every_s=0.05)
