"""Number of connections of a listener, and the time limit for a request head."""

import asyncio
import json
import resource
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import uvloop
from starlette.types import Receive, Scope, Send

from libs.core.tasks import TaskSet
from libs.runtime.process.http import connections
from libs.runtime.process.http.connections import Connection, ConnectionBounds, raised_file_limit
from libs.runtime.process.http.listener import HttpListener
from libs.testing.waiting import eventually

LOOPBACK = "127.0.0.1"
HALF = b"POST /invoke HTTP/1.1\r\nHost: x\r\nx: "
WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LEAVING = b"GET /much HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
MUCH = 32 << 20
SOON = ConnectionBounds(most=100, head_s=0.2)


class App:
    """Returns `hello`.

    `/wait` and `/pause` wait for a gate first; `/much` sends more than a connection's buffer before.
    """

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.pause = asyncio.Event()
        self.began = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if gate := {"/wait": self.gate, "/pause": self.pause}.get(scope["path"]):
            self.began.set()
            await gate.wait()
        body = bytes(MUCH if scope["path"] == "/much" else 0) + b"hello"
        length = str(len(body)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": body})


class Client:
    """One connection, byte for byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def rest(self) -> bytes:
        """Bytes until the server ends its side, or the connection."""
        try:
            return await self.reader.read()
        except ConnectionError:
            return b""

    async def answered(self, sent: bytes = b"") -> bool:
        """Send bytes; return whether an answer arrives, or else the connection ends."""
        self.writer.write(sent)
        try:
            while not (piece := await self.reader.read(1 << 20)).endswith(b"hello"):
                if not piece:
                    return False
            return True
        except ConnectionError:
            return False


class Clients:
    """A listener and its clients."""

    def __init__(self, app: App, port: int) -> None:
        self.app, self._port = app, port
        self._clients: list[Client] = []

    async def client(self, sent: bytes = b"") -> Client:
        client = Client(*await asyncio.open_connection(LOOPBACK, self._port))
        self._clients.append(client)
        client.writer.write(sent)
        return client

    def leave(self) -> None:
        self.app.gate.set()
        self.app.pause.set()
        for client in self._clients:
            client.writer.transport.abort()


@asynccontextmanager
async def serving(bounds: ConnectionBounds) -> AsyncIterator[Clients]:
    errors: list[BaseException] = []
    app = App()
    listener = HttpListener(app, LOOPBACK, 0, TaskSet(errors.append), bounds=bounds)
    listener.start()
    clients = Clients(app, listener.port)
    try:
        async with asyncio.timeout(20):
            yield clients
    finally:
        clients.leave()
        await listener.stop()
    assert errors == []


@pytest.mark.parametrize("sent", [b"", HALF, b"\r\n"], ids=["nothing", "half a head", "a blank line"])
async def test_a_connection_without_a_whole_head_is_closed(sent: bytes) -> None:
    async with serving(SOON) as listening:
        assert not await (await listening.client(sent)).answered()


@pytest.mark.parametrize("sent", [HALF, b"\r\n"], ids=["half a head", "a blank line"])
async def test_so_is_one_whose_second_head_does_not_end(sent: bytes) -> None:
    async with serving(SOON) as listening:
        client = await listening.client()
        assert await client.answered(WHOLE)
        assert not await client.answered(sent)


async def test_a_request_that_takes_longer_is_answered() -> None:
    async with serving(SOON) as listening:
        slow = await listening.client(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        await listening.app.began.wait()
        assert not await (await listening.client(HALF)).answered()
        listening.app.gate.set()
        assert await slow.answered()


async def test_a_connection_between_two_requests_is_kept() -> None:
    async with serving(SOON) as listening:
        kept = await listening.client()
        assert await kept.answered(WHOLE)
        assert not await (await listening.client(HALF)).answered()
        assert await kept.answered(WHOLE)


async def test_who_reads_slowly_gets_the_whole_answer() -> None:
    async with serving(SOON) as listening:
        slow = await listening.client(LEAVING)
        assert not await (await listening.client(HALF)).answered()
        assert not await (await listening.client(HALF)).answered()
        assert await slow.answered()


async def test_who_reads_nothing_is_closed_in_the_end() -> None:
    async with serving(SOON) as listening:
        silent = await listening.client(LEAVING)
        for _ in range(10):
            assert not await (await listening.client(HALF)).answered()
        assert not await silent.answered()


async def test_new_connections_do_not_replace_each_other_while_older_ones_are_idle() -> None:
    async with serving(ConnectionBounds(most=16)) as listening:
        for _ in range(3):
            idle = [await listening.client() for _ in range(16)]
            newcomers = await asyncio.gather(*(listening.client() for _ in range(8)))
            assert await asyncio.gather(*(each.answered(WHOLE) for each in newcomers)) == [True] * 8
            for each in (*idle, *newcomers):
                each.writer.transport.abort()


async def test_a_connection_with_half_a_request_is_closed_for_a_new_one() -> None:
    async with serving(ConnectionBounds(most=5)) as listening:
        for _ in range(50):
            await listening.client(HALF)
        assert await (await listening.client()).answered(WHOLE)


async def test_a_connection_whose_request_is_at_work_is_not_closed_for_a_new_one() -> None:
    async with serving(ConnectionBounds(most=1)) as listening:
        first = await listening.client(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        await listening.app.began.wait()
        assert not await (await listening.client()).answered(WHOLE)
        listening.app.gate.set()
        assert await first.answered()


async def test_a_connection_between_two_requests_is_closed_for_a_new_one() -> None:
    async with serving(ConnectionBounds(most=1)) as listening:
        assert await (await listening.client()).answered(WHOLE)
        assert await (await listening.client()).answered(WHOLE)


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_a_newcomer_is_refused_while_all_others_are_at_work(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def scene() -> None:
        async with serving(ConnectionBounds(most=1)) as listening:
            first = await listening.client(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
            await listening.app.began.wait()
            head, _, body = (await (await listening.client(WHOLE)).rest()).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
            assert b"\r\nretry-after: 1\r\n" in head
            assert json.loads(body)["error"]["code"] == "too_many_connections"
            listening.app.gate.set()
            assert await first.answered()
            assert await (await listening.client()).answered(WHOLE)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(scene())


async def test_few_are_refused_with_words_at_once_and_they_take_no_place_for_long() -> None:
    async with serving(ConnectionBounds(most=1, head_s=0.2)) as listening:
        first = await listening.client(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        await listening.app.began.wait()

        async def reply() -> bytes:
            return await (await listening.client(WHOLE)).rest()

        refused = await listening.client()
        assert not await reply()
        assert (await refused.rest()).startswith(b"HTTP/1.1 503")
        await eventually(reply)  # though the client of the first stays
        listening.app.gate.set()
        assert await first.answered()


async def test_one_that_is_refused_does_not_raise_the_limit_until_it_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = Connection.connection_lost
    later = asyncio.get_running_loop().call_later
    monkeypatch.setattr(Connection, "connection_lost", lambda each, error: later(60, lost, each, error))
    async with serving(ConnectionBounds(most=1, head_s=0.2)) as listening:
        await listening.client(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        await listening.app.began.wait()
        assert (await (await listening.client()).rest()).startswith(b"HTTP/1.1 503")

        async def reply() -> bytes:
            return await (await listening.client(WHOLE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))).rest()

        assert (await eventually(reply)).startswith(b"HTTP/1.1 503")


async def test_one_that_is_refused_takes_the_place_of_no_other() -> None:
    async with serving(ConnectionBounds(most=2, head_s=300)) as listening:
        for request in (b"GET /wait", b"GET /pause"):
            listening.app.began.clear()
            first = await listening.client(request + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            await listening.app.began.wait()
        refused = await listening.client()
        assert (await refused.rest()).startswith(b"HTTP/1.1 503")
        listening.app.pause.set()
        assert (await first.rest()).endswith(b"hello")  # and its connection has ended
        assert await (await listening.client()).answered(WHOLE)


@pytest.mark.parametrize(
    ("files", "listeners", "most"),
    [(256, 1, 128), (1_024, 2, 256), (20_000, 1, 13_856), (20_000, 2, 6_928), (65_536, 2, 16_384)],
)
def test_a_part_of_the_descriptors_is_for_other_things(
    files: int, listeners: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "raised_file_limit", lambda: files)
    assert ConnectionBounds.of_process(listeners).most == most


def test_as_many_descriptors_as_are_allowed_are_asked_for() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 1024), hard))
    try:
        assert raised_file_limit() == resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(hard, 65_536)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
