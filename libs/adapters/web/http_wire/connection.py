"""One connection to a server: requests and responses, one pair after the other."""

import asyncio
from typing import cast

import httptools

MAX_HEAD_BYTES = 64 << 10
MAX_FIELDS = 200  # header fields and trailers
MAX_FRAMING_BYTES = 64 << 10  # chunk sizes, extensions and trailers beyond four times the body
HIGH_BYTES = 128 << 10  # read-ahead limit; beyond it the server must wait


class Broken(Exception):
    """The connection ended or received invalid HTTP; the text says which. `began`: a response had begun."""

    def __init__(self, how: str, *, began: bool) -> None:
        super().__init__(how)
        self.began = began


class _TooManyFields(Exception):
    """Raised through the parser, which stops at once."""


class Connection(asyncio.Protocol):
    """Call `send`, then `head`, then `read` until it returns no bytes; then check `reusable`.

    `headers` are valid after `head`. A caller that no longer needs them empties them.
    """

    __slots__ = (
        "_after_head",
        "_began",
        "_body_bytes",
        "_fault",
        "_fields",
        "_head_bytes",
        "_head_done",
        "_held",
        "_keep",
        "_lingering",
        "_parser",
        "_paused",
        "_pieces",
        "_sized",
        "_transport",
        "_waiter",
        "complete",
        "headers",
        "idle_since",
        "status",
    )

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.complete = True
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._pieces: list[bytes] = []
        self._held = 0
        self._head_bytes = self._fields = self._body_bytes = self._after_head = 0
        self._began = False
        self._head_done = False
        self._sized = False
        self._keep = False
        self._fault: str | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._lingering: asyncio.Future[None] | None = None
        self._paused = False

    @property
    def reusable(self) -> bool:
        """True if the connection can send another request."""
        return self.complete and self._keep and self._fault is None and self._transport is not None

    def send(self, request: bytes) -> None:
        """Raises Broken if the connection is closed."""
        if self._transport is None or self._transport.is_closing():
            raise Broken("the connection is closed", began=False)
        self.status, self.headers = 0, {}
        self.complete = self._began = self._head_done = self._keep = False
        self._head_bytes = self._held = self._fields = self._body_bytes = self._after_head = 0
        self._pieces = []
        self._parser = httptools.HttpResponseParser(self)
        self._transport.write(request)

    async def head(self) -> None:
        """Wait for status and headers. Raises Broken."""
        while not self._head_done:
            self._check()
            await self._news()

    async def read(self) -> bytes:
        """Wait for at least one byte of the body; empty at its end. Raises Broken."""
        while not self._pieces:
            if self.complete:
                return b""
            self._check()
            await self._news()
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces = []
        self._held = 0
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return data

    async def read_all(self, limit: int) -> bytes:
        """Read the whole body. Raises Broken, also for more than `limit` bytes."""
        body = bytearray()
        while data := await self.read():
            body += data
            if len(body) > limit:
                raise Broken(f"more than {limit} bytes", began=True)
        return bytes(body)

    async def linger(self, seconds: float) -> None:
        """Wait `seconds` for more data.

        Returns early if the body is complete or broken, or if the read-ahead limit pauses the server.
        """
        if self.complete or self._paused or self._fault is not None:
            return
        self._lingering = asyncio.get_running_loop().create_future()
        timer = asyncio.get_running_loop().call_later(seconds, _let_go, self._lingering)
        try:
            await self._lingering
        finally:
            timer.cancel()
            self._lingering = None

    def close(self) -> None:
        """Abort the connection; the server notices."""
        if self._transport is not None:
            self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if not self.complete and self._ends_with_the_connection():
            self.complete = True
        self._fault = self._fault or "the server closed the connection"
        self._wake()

    def data_received(self, data: bytes) -> None:
        if self._parser is None or self.complete:
            self._fail("the server spoke unasked")
            return
        self._began = True
        in_body = self._head_done
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(_fault_of(error))
        if in_body:
            self._after_head += len(data)
            if self._after_head > MAX_FRAMING_BYTES + 5 * self._body_bytes:
                self._fail("the chunk framing is too long")
        elif self._head_done:
            self._after_head = self._body_bytes
        else:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._fail("the headers are too long")
        if self._held > HIGH_BYTES and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    # httptools callbacks

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields += 1
        if self._fields > MAX_FIELDS:
            raise _TooManyFields
        if not self._head_done:  # trailers are dropped
            self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        assert self._parser is not None
        self.status = self._parser.get_status_code()
        if self.status >= 200:  # 1xx responses are no answer yet
            self._head_done = True
            self._sized = "content-length" in self.headers or "chunked" in self.headers.get("transfer-encoding", "")
        else:
            self.headers = {}

    def on_body(self, body: bytes) -> None:
        self._pieces.append(body)
        self._held += len(body)
        self._body_bytes += len(body)

    def on_message_complete(self) -> None:
        if not self._head_done:
            return
        assert self._parser is not None
        self._keep = self._parser.should_keep_alive()
        self.complete = True

    def _ends_with_the_connection(self) -> bool:
        """True if the end of the connection ends the body, as for one without a length."""
        return self._head_done and not self._sized and self._fault is None

    def _check(self) -> None:
        if self._fault is not None:
            raise Broken(self._fault, began=self._began)

    def _fail(self, how: str) -> None:
        self._fault = self._fault or how
        self.close()
        self._wake()

    def _news(self) -> asyncio.Future[None]:
        """A future that ends with the next data; no coroutine, because every open stream waits here."""
        self._waiter = asyncio.get_running_loop().create_future()
        return self._waiter

    def _wake(self) -> None:
        _let_go(self._waiter)
        if self.complete or self._paused or self._fault is not None:
            _let_go(self._lingering)


def _fault_of(error: httptools.HttpParserError) -> str:
    too_many = isinstance(error.__context__, _TooManyFields)
    return "the headers are too many" if too_many else "the server does not speak HTTP"


def _let_go(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)
