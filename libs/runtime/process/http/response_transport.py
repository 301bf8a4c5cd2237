"""The transport of one response: its head is sent with the first chunk of its body, in one write."""

import asyncio

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

LARGE_BYTES = 64 << 10  # a chunk of that size is not copied to save a write


class ResponseTransport:
    """The transport that uvicorn's cycle writes to until its head is sent.

    A write to a socket costs as much as a tenth of a short request, and one write wakes the client once. The head of a
    body of known length waits for it; any other is sent in the next iteration of the event loop.
    """

    __slots__ = ("_cycle", "_head", "_loop", "_transport")

    def __init__(
        self, cycle: RequestResponseCycle, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._cycle = cycle
        self._transport = transport
        self._loop = loop
        self._head = b""

    def write(self, data: bytes) -> None:
        """Send a chunk; a head is held back. `100 Continue` precedes the head and is sent at once."""
        if not self._cycle.response_started:
            self._transport.write(data)
        elif not self._head:
            self._head = data
            if not self._cycle.expected_content_length or self._cycle.scope["method"] == "HEAD":
                self._loop.call_soon(self._flush)
        elif len(data) >= LARGE_BYTES:
            self._flush()
            self._transport.write(data)
        else:
            self._head += data
            self._flush()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        """Send the held-back bytes, and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        """Send the held-back bytes; later chunks are written directly."""
        if self._head:
            head, self._head = self._head, b""
            self._cycle.transport = self._transport
            self._transport.write(head)
