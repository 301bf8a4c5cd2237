"""Requests at the bounds and beyond, byte for byte."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from starlette.types import Receive, Scope, Send

from libs.core.tasks import TaskSet
from libs.runtime.process.http.connections import Connection
from libs.runtime.process.http.listener import HttpListener
from libs.runtime.process.http.request_bounds import (
    DISCARD_PAUSE_S,
    FIELDS,
    HEAD_BYTES,
    LARGE_BYTES,
    PIPELINED,
    REJECTION_DELAY_S,
    TARGET_BYTES,
    UNFINISHED_BYTES,
)

LOOPBACK = "127.0.0.1"
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
WAIT = b"GET /wait HTTP/1.1\r\nhost: x\r\n\r\n"
LAST = b"GET /last HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
CHUNKED = b"POST %b HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


class App:
    """Responds with the size of the body that it reads; `/early` does not read it, `/wait` waits for the gate first."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.began = asyncio.Event()
        self.scopes: list[Scope] = []
        self.received: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        self.began.set()
        if scope["path"] == "/wait":
            await self.gate.wait()
        size = 0
        more = scope["path"] != "/early"
        while more:
            message = await receive()
            self.received.append(message["type"])
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
        body = b"%b %d\n" % (scope["raw_path"][:20], size)
        length = str(len(body)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": body})


class Arrivals:
    """How many bytes the listener's connections have read, and when."""

    def __init__(self) -> None:
        self.count = 0
        self.times: list[float] = []
        self._news = asyncio.Event()

    def add(self, size: int) -> None:
        self.count += size
        self.times.append(asyncio.get_running_loop().time())
        self._news.set()

    async def reach(self, count: int) -> None:
        while self.count < count:
            self._news.clear()
            await self._news.wait()


class Connected:
    """One client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, arrivals: "Arrivals") -> None:
        self._reader, self._writer, self._arrivals = reader, writer, arrivals

    async def send(self, *segments: bytes) -> None:
        """Send segments; each has been read by the server before the next one is sent, and the last one on return."""
        for segment in segments:
            before = self._arrivals.count
            self._writer.write(segment)
            await self._arrivals.reach(before + len(segment))

    async def response(self, end: bytes) -> bytes:
        return await self._reader.readuntil(end)

    async def rest(self) -> bytes:
        """Bytes until the server ends the connection; a reset fails the test."""
        return await self._reader.read()

    def leave(self) -> None:
        self._writer.transport.abort()


class Scene:
    def __init__(self, app: App, port: int) -> None:
        self.app, self.port = app, port
        self.arrivals = Arrivals()
        self._clients: list[Connected] = []

    async def client(self) -> Connected:
        self._clients.append(Connected(*await asyncio.open_connection(LOOPBACK, self.port), self.arrivals))
        return self._clients[-1]

    async def statuses(self, *segments: bytes) -> list[int]:
        """Send segments; return the statuses of all responses until the server ends the connection."""
        client = await self.client()
        await client.send(*segments)
        return statuses(await client.rest())

    def leave(self) -> None:
        self.app.gate.set()
        for client in self._clients:
            client.leave()


def statuses(received: bytes) -> list[int]:
    return [int(status) for status in STATUS.findall(received)]


@asynccontextmanager
async def listening() -> AsyncIterator[Scene]:
    errors: list[BaseException] = []
    app = App()
    listener = HttpListener(app, LOOPBACK, 0, TaskSet(errors.append))
    listener.start()
    scene = Scene(app, listener.port)

    def read(connection: Connection, data: bytes) -> None:
        received(connection, data)
        scene.arrivals.add(len(data))

    received = Connection.data_received
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Connection, "data_received", read)
            async with asyncio.timeout(60):
                yield scene
    finally:
        scene.leave()
        await listener.stop()
    assert errors == []


def head_of(size: int) -> bytes:
    """Head of the given size that ends its connection."""
    start = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\na: "
    return start + b"a" * (size - len(start) - 4) + b"\r\n\r\n"


def halves(data: bytes) -> tuple[bytes, bytes]:
    return data[: len(data) // 2], data[len(data) // 2 :]


async def test_a_head_of_64_kb_is_answered() -> None:
    async with listening() as scene:
        assert await scene.statuses(head_of(HEAD_BYTES)) == [200]
        assert await scene.statuses(*halves(head_of(HEAD_BYTES))) == [200]


async def test_a_larger_head_is_rejected() -> None:
    async with listening() as scene:
        assert await scene.statuses(head_of(HEAD_BYTES + 1)) == [431]
        assert await scene.statuses(*halves(head_of(HEAD_BYTES + 1))) == [431]
        assert scene.app.scopes == []


async def test_blank_lines_before_a_request_are_a_part_of_its_head() -> None:
    async with listening() as scene:
        assert await scene.statuses(b"\r\n" * 8, LAST) == [200]
        assert await scene.statuses(b"\r\n" * (HEAD_BYTES // 2)) == [431]


async def test_the_head_of_each_request_is_counted_anew() -> None:
    async with listening() as scene:
        kept = head_of(HEAD_BYTES).replace(b"connection: close", b"connection: reuse")
        assert await scene.statuses(kept, kept, LAST) == [200, 200, 200]


async def test_a_large_head_behind_another_request_is_rejected_after_its_response() -> None:
    async with listening() as scene:
        large = head_of(HEAD_BYTES + 200)
        assert await scene.statuses(GET + large) == [200, 431]
        assert await scene.statuses(GET + large[:60_000], large[60_000:]) == [200, 431]


async def test_a_rejection_waits_for_a_response_that_takes_longer() -> None:
    async with listening() as scene:
        client = await scene.client()
        await client.send(WAIT + GET + b"bad bytes\r\n\r\n")
        await scene.app.began.wait()
        scene.app.gate.set()
        received = await client.rest()
        assert statuses(received) == [200, 200, 400]
        assert received.index(b"/wait 0") < received.index(b"/ 0") < received.index(b"invalid_http")


async def test_a_target_of_16_kb_is_answered_and_a_longer_one_rejected() -> None:
    async with listening() as scene:
        target = b"/" + b"t" * (TARGET_BYTES - 1)
        rest = b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        assert await scene.statuses(b"GET " + target + rest) == [200]
        assert await scene.statuses(b"GET " + target + b"t" + rest) == [414]
        assert await scene.statuses(b"GET http://x" + target + rest) == [414]


async def test_a_hundred_fields_are_answered_and_more_rejected() -> None:
    async with listening() as scene:
        fields = b"".join(b"x%d: y\r\n" % number for number in range(FIELDS - 1))
        assert await scene.statuses(b"GET / HTTP/1.1\r\nconnection: close\r\n" + fields + b"\r\n") == [200]
        assert await scene.statuses(b"GET / HTTP/1.1\r\nconnection: close\r\n" + fields + b"x: y\r\n\r\n") == [431]


async def test_a_client_that_sends_all_before_it_reads_gets_the_response() -> None:
    async with listening() as scene:
        reader, writer = await asyncio.open_connection(LOOPBACK, scene.port)
        writer.write(b"GET / HTTP/1.1\r\ncookie: " + b"c" * (64 << 20))
        await writer.drain()
        writer.write(b"\r\n\r\n")
        await writer.drain()
        assert statuses(await reader.read()) == [431]
        writer.close()


async def test_what_comes_after_a_rejection_is_read_with_pauses() -> None:
    async with listening() as scene:
        client = await scene.client()
        await client.send(b"bad bytes\r\n\r\n", b"more", b"and more", b"to the end")
        assert statuses(await client.rest()) == [400]
        rejected, *discarded = scene.arrivals.times
        assert discarded[0] - rejected >= REJECTION_DELAY_S
        assert all(later - earlier >= DISCARD_PAUSE_S for earlier, later in pairwise(discarded))


async def test_chunks_of_common_sizes_are_a_body() -> None:
    async with listening() as scene:
        client = await scene.client()
        await client.send(CHUNKED % b"/", b"400\r\n" + b"c" * 1024 + b"\r\n", b"40;a=b\r\n" + b"c" * 64 + b"\r\n")
        await client.send((b"28\r\n" + b"c" * 40 + b"\r\n") * 8_000, b"0\r\n\r\n")
        assert await client.response(b"/ %d\n" % (1024 + 64 + 320_000))


async def test_an_application_sees_no_trailer() -> None:
    async with listening() as scene:
        client = await scene.client()
        await client.send(CHUNKED % b"/", b"1\r\nx\r\n0\r\nauthorization: Bearer other\r\n\r\n")
        await client.response(b"/ 1\n")
        assert [name for name, _ in scene.app.scopes[0]["headers"]] == [b"host", b"transfer-encoding"]
        await client.send(GET)
        await client.response(b"/ 0\n")


@pytest.mark.parametrize(
    ("framing", "status"),
    [
        (b"1;a=" + b"e" * 40_000, 400),
        (b"1\r\nx\r\n" * 10_000, 400),
        (b"1\r\nx\r\n0\r\nt: " + b"t" * 40_000, 431),
        (b"1\r\nx\r\n0\r\n" + b"t: t\r\n" * 101, 431),
    ],
    ids=["a long extension", "tiny chunks", "a long trailer", "many trailers"],
)
async def test_endless_framing_is_rejected_and_the_application_sees_a_disconnect(framing: bytes, status: int) -> None:
    async with listening() as scene:
        client = await scene.client()
        await client.send(CHUNKED % b"/")
        await scene.app.began.wait()
        await client.send(framing)
        assert statuses(await client.rest()) == [status]
        assert scene.app.received[-1] == "http.disconnect"


async def test_a_request_that_was_answered_gets_no_second_response() -> None:
    async with listening() as scene:
        client = await scene.client()
        await client.send(CHUNKED % b"/early")
        await client.response(b"/early 0\n")
        await client.send(b"1;a=" + b"e" * 40_000)
        assert await client.rest() == b""


async def test_a_pipeline_that_is_too_deep_ends_after_the_requests_that_wait() -> None:
    async with listening() as scene:
        assert await scene.statuses(WAIT.replace(b"wait", b"a") * (PIPELINED + 1) + LAST) == [200] * (PIPELINED + 1)
        scene.app.scopes.clear()
        assert len(await scene.statuses(GET * 5_000)) == PIPELINED + 1


@pytest.mark.parametrize("protocol", [b"websocket", b"h2c"])
async def test_an_upgrade_is_ignored_and_its_request_answered(protocol: bytes) -> None:
    wish = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: " + protocol + b"\r\n"
    request = b"POST /body HTTP/1.1\r\nhost: x\r\n" + wish + b"content-length: 5\r\n\r\nhello"
    async with listening() as scene:
        client = await scene.client()
        await client.send(request + GET)
        assert statuses(await client.response(b"/body 5\n")) == [200]
        assert statuses(await client.response(b"/ 0\n")) == [200]
        await client.send(request[:-3], request[-3:], LAST)
        assert statuses(await client.rest()) == [200, 200]


async def test_an_upgrade_does_not_evade_the_bounds() -> None:
    start = b"GET / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: "
    async with listening() as scene:
        assert await scene.statuses(start + b"k" * HEAD_BYTES) == [431]
        assert await scene.statuses(b"CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n") == [400]


async def test_a_client_that_expects_a_continue_is_not_told_to_after_a_rejection() -> None:
    async with listening() as scene:
        head = CHUNKED.replace(b"host: x", b"expect: 100-continue") % b"/"
        assert await scene.statuses(head + b"zz\r\n") == [400]


async def test_unfinished_large_heads_share_their_memory() -> None:
    async with listening() as scene:
        common = await scene.client()
        await common.send(LAST[: len(LAST) // 2])
        size = HEAD_BYTES - 1024
        large = [await scene.client() for _ in range(UNFINISHED_BYTES // size + 10)]
        for client in large:
            await client.send(head_of(size)[:-4])
        for client in large[:9]:
            assert await client.rest() == b""
        await large[-1].send(b"\r\n\r\n")
        assert statuses(await large[-1].rest()) == [200]
        await common.send(LAST[len(LAST) // 2 :])
        assert statuses(await common.rest()) == [200]
    assert size > LARGE_BYTES


async def test_connections_share_the_keys_of_their_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[Connection] = []
    lost = Connection.connection_lost

    def record(connection: Connection, error: Exception | None) -> None:
        ended.append(connection)
        lost(connection, error)

    monkeypatch.setattr(Connection, "connection_lost", record)
    async with listening() as scene:
        assert await scene.statuses(LAST) == [200]
    assert [len(vars(each)) <= 30 for each in ended] == [True]  # SHARED_KEYS_MAX_SIZE of CPython 3.11 to 3.13
