"""Malformed requests to the protocol's endpoints are rejected, and the server continues."""

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.mcp.tool_server import client_with, tool_server

pytestmark = pytest.mark.asyncio(loop_scope="module")
JSON = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
MODERN = {"mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "calculate"}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


def call(**params: object) -> bytes:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"_meta": META, **params}}
    return json.dumps(message).encode()


BODIES = {
    "nothing": b"",
    "blanks": b"   ",
    "cut": b'{"jsonrpc": "2.0", "id": 1',
    "no json": b"\xff\xfe\x00",
    "a number": b"1",
    "a batch": b"[]",
    "deep": b"[" * 200_000,
    "deep objects": b'{"a":' * 50_000,
    "no method": b'{"jsonrpc": "2.0", "id": 1}',
    "another version": b'{"jsonrpc": "1.0", "id": 1, "method": "ping"}',
    "an id that is an object": b'{"jsonrpc": "2.0", "id": {}, "method": "ping"}',
    "digits": b'{"jsonrpc": "2.0", "id": ' + b"9" * 1_000_000 + b', "method": "ping"}',
    "name that is a number": call(name=1, arguments={}),
    "arguments that are a list": call(name="calculate", arguments=[]),
    "no name": call(arguments={}),
    "meta that is a word": b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":"x","name":"calculate"}}',
    "a response": b'{"jsonrpc": "2.0", "id": 1, "result": {}}',
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with tool_server(tmp_path_factory.mktemp("tools")) as served:
        yield served


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("headers", [JSON, JSON | MODERN], ids=["2025", "2026"])
async def test_a_body_that_is_no_call_is_refused(address: str, headers: dict[str, str], body: bytes) -> None:
    async with client_with(**headers) as client:
        refused = await client.post(f"{address}/mcp", content=body)
        assert 400 <= refused.status_code < 500
        assert len(refused.content) < 4096
        assert (await client.get(f"{address}/tools")).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", ["/mcp", "/mcp/sse", "/mcp/sse/messages"])
async def test_other_methods_are_refused(address: str, path: str, method: str) -> None:
    async with client_with(**JSON) as client:
        assert (await client.request(method, address + path)).status_code in (400, 404, 405, 406)


@pytest.mark.parametrize("query", ["", "?session_id=", "?session_id=x", "?session_id=" + "0" * 32])
async def test_a_message_to_no_stream_is_refused(address: str, query: str) -> None:
    async with client_with(**JSON) as client:
        refused = await client.post(f"{address}/mcp/sse/messages{query}", content=call(name="calculate"))
    assert refused.status_code in (400, 404)


@pytest.mark.parametrize("session", ["x", "../..", "0" * 32, "0" * 10_000])
async def test_a_session_that_there_is_not_is_refused(address: str, session: str) -> None:
    async with client_with(**JSON, **{"mcp-session-id": session}) as client:
        refused = await client.post(f"{address}/mcp", content=call(name="calculate"))
    assert refused.status_code == 404


@pytest.mark.parametrize("version", ["1999-01-01", "2026-07-29", "latest", "x" * 5_000])
async def test_a_revision_that_there_is_not_is_refused(address: str, version: str) -> None:
    headers = {**JSON, **MODERN, "mcp-protocol-version": version}
    async with client_with(**headers) as client:
        refused = await client.post(f"{address}/mcp", content=call(name="calculate"))
    assert refused.status_code == 400
