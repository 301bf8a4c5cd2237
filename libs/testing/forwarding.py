"""A TCP forwarder in front of a server: another address for it, or one that switches between servers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from libs.core.tasks import TaskSet

_PIECE = 1 << 16


class Forwarder:
    """`port` of `host` is that of `target` (host, port), which may be set while it runs.

    `round_trips` counts how often a client has sent something after the server's last response, over all connections.
    """

    def __init__(self, host: str, target: tuple[str, int]) -> None:
        self.host = host
        self.port = 0
        self.target = target
        self.accepted = 0
        self.round_trips = 0
        self._errors: list[BaseException] = []
        self.tasks = TaskSet(self._errors.append)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward bytes in both directions until both sides end."""
        self.accepted += 1
        self.tasks.start(self._forward(reader, writer))

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        try:
            with suppress(OSError):
                onward_reader, onward_writer = await asyncio.open_connection(*self.target)
                writers.append(onward_writer)
                turns = _Turns(self)
                await asyncio.gather(
                    _carry(reader, onward_writer, turns.client_sent), _carry(onward_reader, writer, turns.server_sent)
                )
        finally:
            for each in writers:
                each.transport.abort()

    def url_for(self, url: str) -> str:
        """The URL with the forwarder's address."""
        parts = urlsplit(url)
        login, at, _ = parts.netloc.rpartition("@")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return parts._replace(netloc=f"{login}{at}{host}:{self.port}").geturl()


@asynccontextmanager
async def forwarder(host: str, url: str) -> AsyncIterator[Forwarder]:
    """Run a forwarder to the server of a URL."""
    parts = urlsplit(url)
    forwarding = Forwarder(host, (parts.hostname or "", parts.port or 0))
    server = await asyncio.start_server(forwarding.accept, host, 0)
    forwarding.port = server.sockets[0].getsockname()[1]
    try:
        yield forwarding
    finally:
        server.close()
        await forwarding.tasks.cancel()


class _Turns:
    """Whose turn it is on one connection."""

    def __init__(self, forwarder: Forwarder) -> None:
        self._forwarder = forwarder
        self._is_answered = True

    def client_sent(self) -> None:
        self._forwarder.round_trips += self._is_answered
        self._is_answered = False

    def server_sent(self) -> None:
        self._is_answered = True


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: Callable[[], None]) -> None:
    with suppress(OSError):
        while piece := await reader.read(_PIECE):
            sent()
            writer.write(piece)
            await writer.drain()
    writer.close()
