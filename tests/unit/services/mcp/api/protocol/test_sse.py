"""The transport of 2024: messages that a client leaves unanswered or unread."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx2
import pytest
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp_types import CallToolRequestParams, CallToolResult
from pydantic import JsonValue
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from libs.core.tasks import TaskSet
from libs.http.context import store_caller
from libs.ports.identity import Caller
from libs.runtime.process.http.listener import HttpListener
from libs.testing.waiting import waiting
from services.mcp.api.protocol.sse import MESSAGES, MOST_IN_FLIGHT, STREAM, SseMessages, SseStreams

OPENING = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {
        "protocolVersion": "2024-11-05",
        "capabilities": {},
        "clientInfo": {"name": "x", "version": "1"},
    },
}


@dataclass
class Gate:
    """The only tool: it waits until the gate is open."""

    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def call(self, _: ServerRequestContext[None], __: CallToolRequestParams) -> CallToolResult:
        await self.opened.wait()
        return CallToolResult(content=[])


class OfKey:
    """Authentication stub: the header names the caller's key."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = dict(scope["headers"]).get(b"x-key", b"one").decode()
        store_caller(scope, Caller("a", "u", key))
        await self._app(scope, receive, send)


@dataclass
class Session:
    """A stream that is open, and where its messages go."""

    http: httpx2.AsyncClient
    place: str
    events: AsyncIterator[str]

    async def post(self, number: int, method: str = "tools/call", **params: str | int) -> int:
        given: JsonValue = {"name": "gate", "arguments": {}}
        told: dict[str, JsonValue] = {"jsonrpc": "2.0", "method": method, "params": {**params} if params else given}
        sent = told if method.startswith("notifications/") else told | {"id": number}
        return (await self.http.post(self.place, json=sent)).status_code

    async def answered(self) -> int:
        async for line in self.events:
            if line.startswith("data: {"):
                return int(json.loads(line.removeprefix("data: "))["id"])
        raise AssertionError("the stream has ended")


@asynccontextmanager
async def served(gate: Gate, most: int = 8) -> AsyncIterator[str]:
    failures: list[BaseException] = []
    streams = SseStreams(Server("gate", on_call_tool=gate.call), most)
    app = OfKey(Starlette(routes=[Route(STREAM, streams), Route(MESSAGES, SseMessages(streams))]))
    listener = HttpListener(app, "127.0.0.1", 0, TaskSet(failures.append))
    listener.start()
    try:
        async with asyncio.timeout(120):
            yield f"http://127.0.0.1:{listener.port}"
    finally:
        streams.end()
        await listener.stop()
    assert not failures


@asynccontextmanager
async def session(address: str, key: str = "one") -> AsyncIterator[Session]:
    headers = {"x-key": key}
    async with (
        httpx2.AsyncClient(base_url=address, headers=headers, trust_env=False, timeout=60) as http,
        http.stream("GET", STREAM) as stream,
    ):
        assert stream.status_code == 200
        lines = stream.aiter_lines()
        place = [line async for line in _until(lines, "data: ")][-1].removeprefix("data: ")
        opened = Session(http, place, lines)
        await http.post(place, json=OPENING)
        assert await opened.answered() == 0
        await opened.post(0, "notifications/initialized")
        yield opened


async def _until(lines: AsyncIterator[str], start: str) -> AsyncIterator[str]:
    async for line in lines:
        yield line
        if line.startswith(start):
            return


async def test_messages_that_wait_for_an_answer_are_limited() -> None:
    async with served(Gate()) as address, session(address) as client:
        told = [await client.post(number) for number in range(1, MOST_IN_FLIGHT + 3)]
    assert told == [202] * MOST_IN_FLIGHT + [503, 503]


async def test_an_answered_request_releases_its_permit() -> None:
    gate = Gate()
    async with served(gate) as address, session(address) as client:
        for number in range(1, MOST_IN_FLIGHT + 1):
            await client.post(number)
        gate.opened.set()
        for _ in range(MOST_IN_FLIGHT):
            await client.answered()
        assert await client.post(99) == 202


async def test_so_does_one_that_its_client_has_given_up() -> None:
    async with served(Gate()) as address, session(address) as client:
        for number in range(1, MOST_IN_FLIGHT):
            await client.post(number)
        for number in range(MOST_IN_FLIGHT, 3 * MOST_IN_FLIGHT):
            assert await client.post(number) == 202
            assert await client.post(number + 1) == 503
            assert await client.post(0, "notifications/cancelled", requestId=number) == 202
            assert await client.post(0, "notifications/initialized") == 202


@pytest.mark.parametrize("spelling", ["{{{}}}", "urn:uuid:{}"])
async def test_another_spelling_of_the_session_is_the_same_session(spelling: str) -> None:
    async with served(Gate()) as address, session(address) as client:
        path, _, name = client.place.partition("session_id=")
        client.place = f"{path}session_id={spelling.format(name)}"
        told = [await client.post(number) for number in range(1, MOST_IN_FLIGHT + 2)]
    assert told == [202] * MOST_IN_FLIGHT + [503]


async def test_messages_for_the_stream_of_another_key_find_none() -> None:
    async with served(Gate()) as address, session(address) as client, session(address, "two") as other:
        other.place = client.place
        assert await other.post(1) == 404


async def test_no_key_may_have_all_streams() -> None:
    async with served(Gate(), most=8) as address, session(address), session(address):
        async with httpx2.AsyncClient(base_url=address, headers={"x-key": "one"}, trust_env=False) as http:
            refused = await http.get(STREAM)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "busy")
        async with session(address, "two"):
            pass


async def test_a_stream_whose_client_takes_nothing_ends() -> None:
    taken: list[Message] = []

    async def blocked(message: Message) -> None:
        taken.append(message)
        if len(taken) > 1:
            await asyncio.Event().wait()

    async def silent() -> Message:
        return await asyncio.Future[Message]()

    scope = {"type": "http", "method": "GET", "path": STREAM, "headers": []}
    store_caller(scope, Caller("a", "u", "one"))
    streams = SseStreams(Server("gate", on_call_tool=Gate().call), 1, blocked_s=0.01)
    async with waiting(30):
        await streams(scope, silent, blocked)
    assert not streams.open
