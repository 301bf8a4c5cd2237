"""The transport of one response: its head goes out with the first piece of its body, in one write.

A write to a socket costs as much as a tenth of a short request, and a client that gets both at once wakes up once.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

LARGE_BYTES = 64 << 10  # a piece of that size is not copied to save a write


class ResponseTransport:
    """What uvicorn's cycle writes to until its head is out. A head without a body leaves in the next round of the event
    loop."""

    __slots__ = ("_cycle", "_head", "_loop", "_transport")

    def __init__(
        self, cycle: RequestResponseCycle, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._cycle = cycle
        self._transport = transport
        self._loop = loop
        self._head = b""

    def write(self, data: bytes) -> None:
        """Send a piece, or hold it back where it is the head. What comes before the head is `100 Continue`."""
        if not self._cycle.response_started:
            self._transport.write(data)
        elif not self._head:
            self._head = data
            self._loop.call_soon(self._flush)
        elif len(data) >= LARGE_BYTES:
            self._flush()
            self._transport.write(data)
        else:
            self._head += data
            self._flush()

    def is_closing(self) -> bool:
        """Return whether nothing more is sent."""
        return self._transport.is_closing()

    def close(self) -> None:
        """Send what is held back, and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        """Send what is held back; what follows is written without a detour."""
        if self._head:
            head, self._head = self._head, b""
            self._cycle.transport = self._transport
            self._transport.write(head)
