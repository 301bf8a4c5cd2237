"""While the network is disabled no connection opens; afterwards all do."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import httpx
import pytest

from moe.replay.network import NetworkIsShut, network_shut


def _connects(port: int) -> None:
    with socket.socket() as client:
        client.connect(("127.0.0.1", port))


def _asks_by_http(port: int) -> None:
    httpx.get(f"http://127.0.0.1:{port}/", timeout=5)


def _resolves(_port: int) -> None:
    socket.getaddrinfo("localhost", None)


def _starts_a_program(_port: int) -> None:
    subprocess.run([sys.executable, "-c", ""], check=True)


async def _opens(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


def _opens_a_stream(port: int) -> None:
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(_opens(port))


@pytest.fixture
def canary() -> Iterator[socket.socket]:
    """A server that a leak would reach."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        yield server


@pytest.mark.parametrize("way", [_connects, _asks_by_http, _resolves, _starts_a_program, _opens_a_stream])
def test_every_way_out_is_shut(way: Callable[[int], None], canary: socket.socket) -> None:
    with network_shut(), pytest.raises(NetworkIsShut):
        way(canary.getsockname()[1])
    with pytest.raises(TimeoutError):
        canary.accept()


def test_an_open_connection_cannot_be_used_to_connect_again(canary: socket.socket) -> None:
    with socket.socket() as client:
        with network_shut(), pytest.raises(NetworkIsShut):
            client.connect(canary.getsockname())
        client.connect(canary.getsockname())


def test_afterwards_the_network_is_there(canary: socket.socket) -> None:
    with network_shut():
        pass
    _connects(canary.getsockname()[1])
    canary.settimeout(30)
    connection, _ = canary.accept()
    with connection:
        assert connection.getsockname() == canary.getsockname()
