"""Serving HTTP inside a running loop."""

import asyncio
import signal
import socket

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from libs.core.errors import ConfigurationError
from libs.core.tasks import TaskSet
from libs.runtime.process.http.connections import Connection
from libs.runtime.process.http.listener import HttpListener
from libs.testing.waiting import waiting

LOOPBACK = "127.0.0.1"


class App:
    """Answers at once, or holds requests until released."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.began = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.began.set()
        await self.gate.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})


@pytest.fixture
def errors() -> list[BaseException]:
    return []


@pytest.fixture
def tasks(errors: list[BaseException]) -> TaskSet:
    return TaskSet(errors.append)


def refuses(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex((LOOPBACK, port)) != 0


async def test_it_serves_from_start_to_stop(tasks: TaskSet, errors: list[BaseException]) -> None:
    listener = HttpListener(App(), LOOPBACK, 0, tasks)
    listener.start()
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://{LOOPBACK}:{listener.port}/")
    assert answer.text == "hello"
    assert "server" not in answer.headers
    await listener.stop()
    assert refuses(listener.port)
    assert errors == []


async def test_a_short_answer_is_not_held_back(tasks: TaskSet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nagle's algorithm would hold the body back until the head is acknowledged: 40 ms."""
    accepted: list[socket.socket] = []

    def accept(connection: Connection, transport: asyncio.Transport) -> None:
        accepted.append(transport.get_extra_info("socket"))
        made(connection, transport)

    made = Connection.connection_made
    monkeypatch.setattr(Connection, "connection_made", accept)
    listener = HttpListener(App(), LOOPBACK, 0, tasks)
    listener.start()
    async with httpx.AsyncClient() as client:
        await client.get(f"http://{LOOPBACK}:{listener.port}/")
        assert [each.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0 for each in accepted] == [True]
    await listener.stop()


async def test_who_connects_before_the_start_is_served_after_it(tasks: TaskSet) -> None:
    listener = HttpListener(App(), LOOPBACK, 0, tasks)
    async with httpx.AsyncClient() as client, asyncio.TaskGroup() as both:
        asking = both.create_task(client.get(f"http://{LOOPBACK}:{listener.port}/"))
        await asyncio.sleep(0)
        listener.start()
        assert (await asking).text == "hello"
    await listener.stop()


async def test_a_taken_port_is_one_line_that_says_what_to_do(tasks: TaskSet) -> None:
    first = HttpListener(App(), LOOPBACK, 0, tasks)
    with pytest.raises(ConfigurationError) as caught:
        HttpListener(App(), LOOPBACK, first.port, tasks)
    assert str(caught.value) == f"cannot listen on {LOOPBACK}:{first.port}: Address already in use; choose another port"
    await first.stop()


async def test_a_host_that_is_not_ours_is_one_line(tasks: TaskSet) -> None:
    with pytest.raises(ConfigurationError, match=r"^cannot listen on 203\.0\.113\.1:0: [^\n]+$"):
        HttpListener(App(), "203.0.113.1", 0, tasks)


async def test_a_port_that_was_bound_and_never_served_is_free_again(tasks: TaskSet) -> None:
    listener = HttpListener(App(), LOOPBACK, 0, tasks)
    await listener.stop()
    assert refuses(listener.port)
    again = HttpListener(App(), LOOPBACK, listener.port, tasks)
    await again.stop()


async def test_stopping_waits_for_a_request_that_ends_soon(tasks: TaskSet) -> None:
    app = App()
    app.gate.clear()
    listener = HttpListener(app, LOOPBACK, 0, tasks)
    listener.start()
    async with httpx.AsyncClient() as client, asyncio.TaskGroup() as both:
        asking = both.create_task(client.get(f"http://{LOOPBACK}:{listener.port}/"))
        await app.began.wait()
        stopping = both.create_task(listener.stop())
        await asyncio.sleep(0)
        app.gate.set()
        assert (await asking).text == "hello"
        await stopping


async def test_stopping_does_not_wait_for_ever(tasks: TaskSet) -> None:
    app = App()
    app.gate.clear()
    listener = HttpListener(app, LOOPBACK, 0, tasks)
    listener.start()
    async with httpx.AsyncClient() as client:
        asking = asyncio.get_running_loop().create_task(client.get(f"http://{LOOPBACK}:{listener.port}/"))
        await app.began.wait()
        async with waiting(30):
            await listener.stop()
        await asyncio.wait([asking])
        assert asking.exception() is not None or asking.result().status_code == 500


async def test_signals_stay_with_the_process(tasks: TaskSet) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    listener = HttpListener(App(), LOOPBACK, 0, tasks)
    listener.start()
    async with httpx.AsyncClient() as client:
        await client.get(f"http://{LOOPBACK}:{listener.port}/")
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    await listener.stop()
