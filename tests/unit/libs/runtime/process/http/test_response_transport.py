"""Writing of a response: its head and the first piece of its body in one write, if they are sent together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from libs.core.tasks import TaskSet
from libs.runtime.process.http.listener import HttpListener
from libs.runtime.process.http.response_transport import LARGE_BYTES, ResponseTransport

LOOPBACK = "127.0.0.1"
START = {"type": "http.response.start", "status": 200, "headers": []}


class App:
    """Sends a head, then a body of so many bytes: at once, or when the gate is open. Or it `fails` in between."""

    def __init__(self, size: int, *, at_once: bool = True, of_known_length: bool = True, fails: bool = False) -> None:
        self.gate = asyncio.Event()
        self.began = asyncio.Event()
        self._size = size
        self._length = [(b"content-length", b"%d" % size)] if of_known_length else []
        self._fails = fails
        if at_once:
            self.gate.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({**START, "headers": self._length})
        self.began.set()
        await self.gate.wait()
        if self._fails:
            raise RuntimeError("the application fails")
        await send({"type": "http.response.body", "body": b"x" * self._size})


@asynccontextmanager
async def connected(app: App) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    listener = HttpListener(app, LOOPBACK, 0, TaskSet(lambda error: pytest.fail(repr(error))))
    listener.start()
    reader, writer = await asyncio.open_connection(LOOPBACK, listener.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await listener.stop()


def request(method: str = "GET", *fields: str) -> bytes:
    return "\r\n".join([f"{method} / HTTP/1.1", "host: x", *fields, "", ""]).encode()


class Recorder(asyncio.Transport):
    """Records written bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.pieces.append(bytes(data))


class Cycle:
    """As much of uvicorn's cycle as the transport looks at."""

    def __init__(self) -> None:
        self.response_started = True
        self.expected_content_length = 0
        self.transport: asyncio.Transport


@pytest.mark.parametrize(
    ("size", "pieces"), [(5, [9, 1]), (LARGE_BYTES - 1, [LARGE_BYTES + 3, 1]), (LARGE_BYTES, [4, LARGE_BYTES, 1])]
)
async def test_a_head_and_a_short_piece_are_one_write(size: int, pieces: list[int]) -> None:
    cycle, recorder = Cycle(), Recorder()
    transport = ResponseTransport(cast(RequestResponseCycle, cycle), recorder, asyncio.get_running_loop())
    cycle.transport = cast(asyncio.Transport, transport)
    for piece in (b"head", b"x" * size, b"y"):
        cycle.transport.write(piece)
    assert [len(piece) for piece in recorder.pieces] == pieces


async def test_a_head_does_not_wait_for_a_body_of_unknown_length() -> None:
    app = App(5, at_once=False, of_known_length=False)
    async with connected(app) as (reader, writer):
        writer.write(request())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        app.gate.set()
        assert await reader.readexactly(10) == b"5\r\nxxxxx\r\n"


async def test_the_head_of_a_body_of_known_length_arrives_with_it() -> None:
    app = App(5, at_once=False)
    async with connected(app) as (reader, writer):
        writer.write(request())
        await app.began.wait()
        app.gate.set()
        assert (await reader.read(1 << 16)).endswith(b"\r\n\r\nxxxxx")


async def test_a_connection_whose_application_fails_before_its_body_has_sent_the_head() -> None:
    async with connected(App(5, fails=True)) as (reader, writer):
        writer.write(request())
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")


async def test_a_head_without_a_body_arrives_and_the_next_response_after_it() -> None:
    async with connected(App(5)) as (reader, writer):
        writer.write(request("HEAD") + request())
        head = await reader.readuntil(b"\r\n\r\n")
        following = await reader.readuntil(b"\r\n\r\n")
        assert (head[:12], following[:12]) == (b"HTTP/1.1 200", b"HTTP/1.1 200")
        assert await reader.readexactly(5) == b"xxxxx"


async def test_a_connection_that_is_closed_after_a_head_without_a_body_has_sent_it() -> None:
    async with connected(App(5)) as (reader, writer):
        writer.write(request("HEAD", "connection: close"))
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("size", [LARGE_BYTES - 1, LARGE_BYTES, 4 << 20])
async def test_a_body_of_any_size_arrives_whole(size: int) -> None:
    async with connected(App(size)) as (reader, writer):
        writer.write(request())
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(size) == b"x" * size


@pytest.mark.parametrize("expectations", [("100-continue",), ("100-Continue", "other")])
async def test_what_comes_before_the_head_is_not_held_back(expectations: tuple[str, ...]) -> None:
    app = App(5)
    async with connected(app) as (reader, writer):
        writer.write(request("POST", "content-length: 3", *(f"expect: {each}" for each in expectations)))
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"abc")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
