"""A scripted web server on the loopback that records its requests."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TypeAlias

from libs.adapters.web.fetcher.addresses import Address
from libs.adapters.web.fetcher.network import SystemConnector, Wire
from libs.core.resource import Resource


@dataclass(frozen=True, slots=True)
class WebRequest:
    """A received request. `target` is path and query; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


Script: TypeAlias = Callable[[WebRequest, asyncio.StreamWriter], Awaitable[None]]


def reply(status: int = 200, body: bytes = b"", *headers: tuple[str, str]) -> bytes:
    lines = [
        f"HTTP/1.1 {status} Said",
        f"content-length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body


def reply_sequence(*responses: bytes) -> Script:
    """Script that sends one response after the other, and repeats the last one."""
    left = list(responses)

    async def script(_: WebRequest, writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        await writer.drain()

    return script


@dataclass
class ScriptedWeb(Resource):
    """Serves on a free port of 127.0.0.1 while entered. `asked` are the requests so far."""

    script: Script
    requests: list[WebRequest] = field(default_factory=list)
    port: int = 0
    _serving: set[asyncio.Task[None] | None] = field(default_factory=set)

    async def _enter(self, stack: AsyncExitStack) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        stack.push_async_callback(self._close, server)
        self.port = server.sockets[0].getsockname()[1]

    async def _close(self, server: asyncio.Server) -> None:
        server.close()
        for task in filter(None, self._serving):  # from Python 3.12 on, the next line waits for every connection
            task.cancel()
        await server.wait_closed()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._serving.add(task)
        try:
            request = await _read(reader)
            self.requests.append(request)
            await self.script(request, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client left
        finally:
            self._serving.discard(task)
            writer.close()


async def _read(reader: asyncio.StreamReader) -> WebRequest:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return WebRequest(method, target, headers, body)


@dataclass
class FakeResolver:
    """Resolves names from a table, in turn for a name with several answers. Other names do not exist."""

    table: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    anything: tuple[str, ...] = ()
    names: list[str] = field(default_factory=list)

    async def resolve(self, name: str, port: int) -> tuple[str, ...]:
        self.names.append(name)
        answers = self.table.get(name, (self.anything,))
        return answers[min(self.names.count(name), len(answers)) - 1]


@dataclass
class RecordingConnector:
    """Records every requested address. All of them lead to the loopback server, if there is one."""

    port: int | None = None
    attempts: list[tuple[str, int]] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    refusing: frozenset[str] = frozenset()

    async def connect(self, address: Address, port: int, *, tls_name: str | None) -> Wire:
        self.attempts.append((str(address), port))
        self.names.append(tls_name)
        if self.port is None or str(address) in self.refusing:
            raise ConnectionRefusedError
        return await SystemConnector().connect(ip_address("127.0.0.1"), self.port, tls_name=None)
