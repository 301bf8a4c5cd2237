"""A client that costs next to nothing: one connection, one request at a time, bytes in and bytes out."""

import asyncio
import json
import re
import time
from dataclasses import dataclass, field
from typing import cast

_LAST_CHUNK = b"0\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass
class Told:
    """A response: `arrivals` are the arrival times of its pieces, in seconds of one clock."""

    data: bytes = b""
    arrivals: list[float] = field(default_factory=list)

    @property
    def status(self) -> int:
        return int(self.data[9:12])

    @property
    def longest_gap(self) -> float:
        return max((later - sooner for sooner, later in zip(self.arrivals, self.arrivals[1:], strict=False)), default=0)


class RawClient(asyncio.Protocol):
    """One connection. `first` is set when the first event of a response has arrived."""

    def __init__(self) -> None:
        self.first = asyncio.Event()
        self._told = Told()
        self._pieces: list[bytes] = []
        self._ended: asyncio.Future[Told] | None = None
        self._left = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are none by inheritance

    async def ask(self, request: bytes) -> Told:
        """Response to a request. Raises ConnectionError."""
        assert self._transport is not None
        if self._transport.is_closing():
            raise ConnectionError(b"the server has hung up")
        self._told, self._pieces, self._left = Told(), [], 0
        self._ended = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._ended

    def data_received(self, data: bytes) -> None:
        self._told.arrivals.append(time.perf_counter())
        if b"data: " in data:
            self.first.set()
        self._pieces.append(data)
        if self._is_over(data) and self._ended is not None and not self._ended.done():
            self._told.data = b"".join(self._pieces)
            self._ended.set_result(self._told)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._ended is not None and not self._ended.done():
            self._ended.set_exception(ConnectionError(b"".join(self._pieces)[-500:]))

    def close(self) -> None:
        assert self._transport is not None
        self._transport.abort()

    def _is_over(self, data: bytes) -> bool:
        if len(self._pieces) == 1:
            head, _, body = data.partition(b"\r\n\r\n")
            length = _LENGTH.search(head)
            self._left = int(length[1]) - len(body) if length is not None else -1
        elif self._left > 0:
            self._left -= len(data)
        if self._left >= 0:
            return self._left == 0
        end = data if len(data) >= len(_LAST_CHUNK) else b"".join(self._pieces[-len(_LAST_CHUNK) :])
        return end.endswith(_LAST_CHUNK)  # which may also arrive in pieces


async def connected(port: int) -> RawClient:
    """Client that is connected to a port of this machine."""
    _, client = await asyncio.get_running_loop().create_connection(RawClient, "127.0.0.1", port)
    return client


def request_of(model: str, key: str, *, stream: bool = False) -> bytes:
    messages = [
        {"role": "system", "content": "You answer in one sentence."},
        {"role": "user", "content": "How large should a connection pool be for a service with two hundred users?"},
    ]
    body = json.dumps({"model": model, "messages": messages, "stream": stream, "temperature": 0.2}).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"accept: */*\r\nuser-agent: bench\r\nauthorization: Bearer {key}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
