"""Bounds on request heads, chunk framing and trailers, counted as bytes arrive and before anything is stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from prometheus_client import Counter

HEAD_BYTES: Final = 64 << 10
TARGET_BYTES: Final = 16 << 10
# httptools appends every segment of an unfinished header to a new bytes object: one 64 MB header in 1,000 segments
# copies 32 GB and stops the event loop for seconds. The chunk framing and the trailers of a body have no bound of their
# own.
FIELDS: Final = 100
FRAMING_BYTES: Final = 16 << 10  # chunk sizes, extensions and trailers beyond as many bytes as the body has
FREE_CHUNKS: Final = 1000  # of any size; then chunks have MEAN_CHUNK_BYTES on average: each costs a callback
MEAN_CHUNK_BYTES: Final = 32
PIPELINED: Final = 32  # queued requests of one connection
DISCARDED_BYTES: Final = 72 << 20  # read after a rejection, so that a client that still sends can read the response
REJECTION_DELAY_S: Final = 0.01  # before the response; the next one of the listener is as much later
DISCARD_PAUSE_S: Final = 0.02  # after each read of at most 256 kB; the next one of the listener is as much later
LONGEST_PAUSE_S: Final = 2.0
LARGE_BYTES: Final = 8 << 10  # heads above it share UNFINISHED_BYTES
UNFINISHED_BYTES: Final = 4 << 20

REJECTED = Counter("moe_http_requests_rejected_total", "Requests rejected by the listener before routing", ["reason"])


@dataclass(frozen=True, slots=True)
class Rejection:
    """The reason of a rejected request; with an empty `message` the connection ends without a response.

    `retry_after_s`: when to try again; 0: never.
    """

    status: int
    code: str
    message: str
    retry_after_s: int = 0

    def response(self) -> bytes:
        if not self.message:
            return b""
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        body = f'{{"error":{{"message":"{self.message}","type":"{kind}","code":"{self.code}"}}}}'
        phrase, retry = _PHRASES[self.status], f"\r\nretry-after: {self.retry_after_s}" if self.retry_after_s else ""
        head = f"HTTP/1.1 {self.status} {phrase}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
        return f"{head}{retry}\r\nconnection: close\r\n\r\n{body}".encode("ascii")


_PHRASES: Final = {
    400: "Bad Request",
    414: "URI Too Long",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}

INVALID = Rejection(400, "invalid_http", "The request is not valid HTTP/1.1.")
LARGE_TARGET = Rejection(414, "target_too_long", "The request target is longer than 16 kB.")
LARGE_HEAD = Rejection(431, "head_too_large", "The head of the request is larger than 64 kB.")
MANY_FIELDS = Rejection(431, "too_many_fields", "The request has more than 100 header fields and trailers.")
LARGE_TRAILERS = Rejection(431, "trailers_too_large", "The trailers of the request are too large.")
ALL_BUSY = Rejection(503, "too_many_connections", "All connections are busy. Try again shortly.", retry_after_s=1)
LARGE_FRAMING = Rejection(400, "chunks_too_small", "The body comes in too small chunks, or with too large extensions.")
DEEP_PIPELINE = Rejection(400, "pipeline_too_deep", "")  # the client repeats unanswered requests (RFC 9112, 9.3.2)


class RejectedRequest(Exception):
    """Raised through the parser, which stops at once."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.code)
        self.rejection = rejection


def fields_bytes(fields: Iterable[tuple[bytes, bytes]]) -> int:
    """Bytes of header fields on the wire, white space around values excepted."""
    return sum(len(name) + len(value) + 4 for name, value in fields)


def is_only_chunked(fields: Iterable[tuple[bytes, bytes]]) -> bool:
    """False for transfer codings besides `chunked`: nothing decodes them, and proxies disagree about their bodies.

    The names of the fields are in lower case.
    """
    return [value.strip().lower() for name, value in fields if name == b"transfer-encoding"] == [b"chunked"]


class Pace:
    """Spreads the work for rejected requests: a listener takes one step each `pause_s`, however many its connections.

    Most clients send their next request after a response, so a crowd of hostile ones leaves CPU time to others.
    """

    def __init__(self, pause_s: float) -> None:
        self._pause_s = pause_s
        self._last = 0.0

    def delay_s(self, now: float) -> float:
        """Seconds from `now` (of a monotonic clock) until the next step, at most LONGEST_PAUSE_S."""
        self._last = min(max(now, self._last) + self._pause_s, now + LONGEST_PAUSE_S)
        return self._last - now


class Evictable(Protocol):
    """A connection that can be closed at once."""

    def give_up(self) -> None: ...


class UnfinishedHeads:
    """The memory of unfinished large heads, shared by all connections: when it is full, the oldest is closed.

    Common heads are below `LARGE_BYTES` and never counted: a flood of large ones closes none of them.
    """

    def __init__(self, most: int = UNFINISHED_BYTES) -> None:
        self._most = most
        self._total = 0
        self._sizes: dict[Evictable, int] = {}

    def hold(self, connection: Evictable, size: int) -> None:
        """Count a head that has grown to `size`. May close the connection itself."""
        if size <= LARGE_BYTES:
            return
        self._total += size - self._sizes.get(connection, 0)
        self._sizes[connection] = size
        while self._total > self._most:
            oldest = next(iter(self._sizes))
            self.release(oldest)
            oldest.give_up()

    def release(self, connection: Evictable) -> None:
        """Stop counting a head. Idempotent."""
        self._total -= self._sizes.pop(connection, 0)
