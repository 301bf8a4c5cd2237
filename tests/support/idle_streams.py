"""Clients that open streams and read them: in this process, or `python -m … PORT` in another one.

That one reads commands from standard input, one a line (`open COUNT`, `look`, `close`), and answers each with one line
of JSON. Descriptors of clients and of the gateway are counted apart that way.
"""

import asyncio
import json
import resource
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import cast

from libs.testing.processes import IMPORT_ROOT
from libs.testing.waiting import waiting

KEEP_ALIVE = b": keep-alive\n\n"
_AT_ONCE = 32
_ADDRESSES = 16  # on Linux all of 127.0.0.0/8 is this machine; each address has separate ports
_ANSWERED_WITHIN_S = 300.0
_HEAD_END = b"\r\n\r\n"


@dataclass
class Seen:
    """Observations of clients: statuses of all streams, the fewest keep-alives of one, seconds of longest silences.

    `silences` has one number for each stream: the longest time between two pieces, or since the last one.
    """

    statuses: dict[str, int] = field(default_factory=dict)
    closed: int = 0
    fewest_keep_alives: int = 0
    silences: list[float] = field(default_factory=list)


class IdleStream(asyncio.Protocol):
    """One connection with one streamed request. `opened` is done when the head of the response is received."""

    def __init__(self, request: bytes) -> None:
        self._loop = asyncio.get_running_loop()
        self._request = request
        self._head = b""
        self._transport: asyncio.Transport | None = None
        self._last = 0.0
        self._silence = 0.0
        self.opened: asyncio.Future[int] = self._loop.create_future()
        self.is_closed = False
        self.keep_alives = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are none by inheritance
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = self._loop.time()
        if self.opened.done():
            self._silence = max(self._silence, now - self._last)
            self.keep_alives += data.count(KEEP_ALIVE)
        else:
            self._head += data
            if _HEAD_END in self._head:
                self.opened.set_result(int(self._head[9:12]))
        self._last = now

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_closed = True
        if not self.opened.done():
            self.opened.set_result(0)

    def silence(self) -> float:
        """Longest time without a byte since the head, in seconds."""
        return max(self._silence, self._loop.time() - self._last)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class IdleClients:
    """Streams of one gateway that stay open until they are closed here."""

    def __init__(self, port: int, request: bytes) -> None:
        self._port = port
        self._request = request
        self._streams: list[IdleStream] = []

    async def open(self, count: int) -> Seen:
        """Open so many more streams, some concurrently, and wait for the head of each response."""
        turns = asyncio.Semaphore(_AT_ONCE)
        await asyncio.gather(*(self._open(turns, number) for number in range(count)))
        return self.look()

    def look(self) -> Seen:
        streams = self._streams
        return Seen(
            dict(Counter(str(each.opened.result()) for each in streams)),
            sum(each.is_closed for each in streams),
            min((each.keep_alives for each in streams), default=0),
            [each.silence() for each in streams],
        )

    def close(self) -> Seen:
        """Hang up, and forget all streams."""
        seen = self.look()
        for each in self._streams:
            each.close()
        self._streams.clear()
        return seen

    async def _open(self, turns: asyncio.Semaphore, number: int) -> None:
        source = (f"127.0.0.{2 + number % _ADDRESSES}", 0) if sys.platform == "linux" else None
        async with turns:
            loop = asyncio.get_running_loop()
            _, stream = await loop.create_connection(
                lambda: IdleStream(self._request), "127.0.0.1", self._port, local_addr=source
            )
            self._streams.append(stream)
            await stream.opened


@dataclass
class ClientProcess:
    """`IdleClients` in a separate process."""

    process: asyncio.subprocess.Process

    async def ask(self, command: str) -> Seen:
        """Send a command; return the clients' observations."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{command}\n".encode())
        async with waiting(_ANSWERED_WITHIN_S):
            line = await self.process.stdout.readline()
        assert line, "the clients have ended"
        return Seen(**json.loads(line))


@asynccontextmanager
async def client_process(port: int, request: bytes) -> AsyncIterator[ClientProcess]:
    """Run clients of a gateway on this port in a separate process."""
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", __name__, str(port), request.hex())
    process = await asyncio.create_subprocess_exec(
        *command, cwd=IMPORT_ROOT, stdin=pipe, stdout=pipe, limit=16 * 1024 * 1024
    )
    try:
        yield ClientProcess(process)
    finally:
        process.kill()
        await process.wait()


async def _serve(port: int, request: bytes) -> None:
    clients = IdleClients(port, request)
    while line := await asyncio.to_thread(sys.stdin.readline):
        match line.split():
            case ["open", count]:
                seen = await clients.open(int(count))
            case ["close"]:
                seen = clients.close()
            case _:
                seen = clients.look()
        sys.stdout.write(json.dumps(asdict(seen)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(_serve(int(sys.argv[1]), bytes.fromhex(sys.argv[2])))
