"""Requests that are too large, endless or ambiguous in all but their body, made from a seed."""

import asyncio
import random
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

KB = 1 << 10
MB = 1 << 20
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
_LINE = b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\n"
_CHUNKED = _LINE + b"transfer-encoding: chunked\r\n\r\n"
_WHOLE = b"GET /v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
_PIECE = 32 * KB

INVALID, LARGE_TARGET, LARGE_HEAD = frozenset({400}), frozenset({414}), frozenset({431})
# An application may have responded before the body goes wrong; then the connection ends without another response.
_IN_BODY = frozenset({400, 401, 404, 405, 431})
AMBIGUOUS = (
    b"content-length: 5\r\ncontent-length: 5",
    b"content-length: 5\r\ncontent-length: 6",
    b"content-length: 5, 5",
    b"content-length: +5",
    b"content-length: 0x5",
    b"content-length: 99999999999999999999999",
    b"content-length: 5\r\ntransfer-encoding: chunked",
    b"transfer-encoding: chunked\r\ncontent-length: 5",
    b"transfer-encoding: chunked\r\ntransfer-encoding: chunked",
    b"transfer-encoding: chunked, identity",
    b"transfer-encoding: identity, chunked",
    b"transfer-encoding: gzip, chunked",
    b"transfer-encoding: gzip\r\ntransfer-encoding: chunked",
    b"transfer-encoding: ,chunked",
    b"transfer-encoding : chunked",
    b"transfer-encoding:\x0bchunked",
    b"x: a\rb",
    b"x: a\nb: c\n",
    b"x: a\x00b",
    b"x y: z",
    b": z",
    b"x: a\r\n folded",
)


@dataclass(frozen=True)
class HostileRequest:
    """Pieces to send, and the valid statuses of the last response.

    `dripped`: each piece in a segment of its own. `abandoned`: the client ends instead of reading.
    """

    name: str
    pieces: tuple[bytes, ...] = field(repr=False)
    statuses: frozenset[int]
    times: int = 1
    dripped: bool = False
    abandoned: bool = False

    def sent(self) -> Iterator[bytes]:
        """Yield the pieces, the last one `times` over."""
        yield from self.pieces[:-1]
        for _ in range(self.times):
            yield self.pieces[-1]


@dataclass(frozen=True)
class Outcome:
    """The status of the last response (0 for none), and the number of responses."""

    status: int
    responses: int


def hostile_requests(seed: int, count: int) -> list[HostileRequest]:
    """As many requests as `count`, of every shape in turn."""
    dice = random.Random(seed)
    return [_SHAPES[number % len(_SHAPES)](dice) for number in range(count)]


async def attack(port: int, request: HostileRequest) -> Outcome:
    """Send a request to a local port and collects the response until the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=MB)
    received = bytearray()

    async def read() -> None:
        with suppress(ConnectionError):
            while data := await reader.read(MB):
                received.extend(data)

    async with asyncio.TaskGroup() as both:
        reading = both.create_task(read())
        with suppress(ConnectionError):
            for piece in request.sent():
                if reading.done():
                    break
                writer.write(piece)
                await writer.drain()
                if request.dripped:
                    await asyncio.sleep(0)
            if request.abandoned:
                writer.transport.abort()
    writer.transport.abort()
    statuses = _STATUS.findall(bytes(received))
    return Outcome(int(statuses[-1]) if statuses else 0, len(statuses))


async def attack_all(port: int, requests: Sequence[HostileRequest], at_once: int) -> list[Outcome]:
    """Send at most `at_once` requests concurrently. Outcomes in the order of the requests."""
    permits = asyncio.Semaphore(at_once)

    async def one(request: HostileRequest) -> Outcome:
        async with permits:
            return await attack(port, request)

    return await asyncio.gather(*(one(request) for request in requests))


def _endless_name(dice: random.Random) -> HostileRequest:
    return HostileRequest("endless name", (_LINE, b"a" * _PIECE), LARGE_HEAD, times=dice.randint(3, 40))


def _endless_value(dice: random.Random) -> HostileRequest:
    return HostileRequest("endless value", (_LINE + b"a: ", b"b" * _PIECE), LARGE_HEAD, times=dice.randint(3, 40))


def _huge_value(dice: random.Random) -> HostileRequest:
    times = 64 * MB // _PIECE if dice.random() < 0.1 else 64
    return HostileRequest("huge value", (_LINE + b"cookie: ", b"c" * _PIECE), LARGE_HEAD, times=times)


def _padded_value(dice: random.Random) -> HostileRequest:
    pad = dice.choice((b" ", b"\t")) * _PIECE
    return HostileRequest("padded value", (_LINE + b"a:", pad), LARGE_HEAD, times=dice.randint(3, 40))


def _many_fields(dice: random.Random) -> HostileRequest:
    fields = b"".join(b"x%d: %d\r\n" % (number, number) for number in range(dice.randint(101, 2000)))
    return HostileRequest("many fields", (_LINE + fields + b"\r\n",), LARGE_HEAD)


def _tiny_fields(dice: random.Random) -> HostileRequest:
    return HostileRequest("tiny fields", (_LINE, b"a:\r\n" * 8000), LARGE_HEAD, times=dice.randint(1, 20))


def _dripped_head(dice: random.Random) -> HostileRequest:
    drops = tuple(bytes([byte]) for byte in _LINE) + (b"d: ",) + (b"d",) * dice.randint(100, 600)
    return HostileRequest("dripped head", (*drops, b"d" * _PIECE), LARGE_HEAD, times=3, dripped=True)


def _dripped_fields(dice: random.Random) -> HostileRequest:
    drops = (_LINE, *(b"f: f\r\n" for _ in range(dice.randint(101, 300))))
    return HostileRequest("dripped fields", drops, LARGE_HEAD, dripped=True)


def _blank_lines(dice: random.Random) -> HostileRequest:
    return HostileRequest("blank lines", (b"\r\n" * (_PIECE // 2),), LARGE_HEAD, times=dice.randint(3, 40))


def _endless_method(dice: random.Random) -> HostileRequest:
    return HostileRequest(
        "endless method", (dice.choice((b"A", b"G", b"POST", b"\x16\x03\x01", b"\x00")) * 8 * KB,), INVALID
    )


def _long_target(dice: random.Random) -> HostileRequest:
    start = dice.choice((b"GET /", b"GET /?", b"GET http://x/", b"POST /v1/chat/completions?a=", b"OPTIONS /%41"))
    return HostileRequest("long target", (start, b"%61" * 6000), LARGE_TARGET, times=dice.randint(1, 20))


def _endless_target_spaces(dice: random.Random) -> HostileRequest:
    return HostileRequest("spaces before the target", (b"GET ", b" " * _PIECE), LARGE_HEAD, times=dice.randint(3, 20))


def _extension(dice: random.Random) -> HostileRequest:
    return HostileRequest("chunk extension", (_CHUNKED + b"5;a=", b"e" * _PIECE), _IN_BODY, times=dice.randint(3, 40))


def _extensions(dice: random.Random) -> HostileRequest:
    chunk = b"1;" + b"e" * dice.randint(50, 500) + b"\r\nx\r\n"
    return HostileRequest("chunk extensions", (_CHUNKED, chunk * (3 * _PIECE // len(chunk))), _IN_BODY, times=4)


def _tiny_chunks(dice: random.Random) -> HostileRequest:
    return HostileRequest("tiny chunks", (_CHUNKED, b"1\r\nx\r\n" * 6000), _IN_BODY, times=dice.randint(2, 20))


def _endless_trailer(dice: random.Random) -> HostileRequest:
    pieces = (_CHUNKED + b"1\r\nx\r\n0\r\nt: ", b"t" * _PIECE)
    return HostileRequest("endless trailer", pieces, _IN_BODY, times=dice.randint(3, 40))


def _many_trailers(dice: random.Random) -> HostileRequest:
    trailers = b"authorization: Bearer t\r\n" * dice.randint(101, 1000)
    return HostileRequest("many trailers", (_CHUNKED + b"1\r\nx\r\n0\r\n" + trailers + b"\r\n",), _IN_BODY)


def _after_another(dice: random.Random) -> HostileRequest:
    value = b"p" * dice.randint(66 * KB, 200 * KB)
    return HostileRequest("after another", (_WHOLE + _LINE + b"p: " + value + b"\r\n\r\n",), LARGE_HEAD)


def _deep_pipeline(dice: random.Random) -> HostileRequest:
    return HostileRequest("deep pipeline", (_WHOLE * dice.randint(100, 2000),), frozenset({401, 404}))


def _upgrade(dice: random.Random) -> HostileRequest:
    wish = (
        b"connection: upgrade\r\nupgrade: " + dice.choice((b"websocket", b"h2c")) + b"\r\nsec-websocket-version: 13\r\n"
    )
    pieces = (_LINE + wish + b"sec-websocket-key: ", b"k" * _PIECE)
    return HostileRequest("upgrade", pieces, LARGE_HEAD, times=dice.randint(3, 20))


def _old_version(dice: random.Random) -> HostileRequest:
    return HostileRequest("HTTP/1.0", (b"GET / HTTP/1.0\r\na: ", b"o" * _PIECE), LARGE_HEAD, times=dice.randint(3, 20))


def _expectation(dice: random.Random) -> HostileRequest:
    pieces = (_LINE + b"expect: 100-continue\r\nx: ", b"x" * _PIECE)
    return HostileRequest("expectation", pieces, LARGE_HEAD, times=dice.randint(3, 20))


def _ambiguous(dice: random.Random) -> HostileRequest:
    head = _LINE + dice.choice(AMBIGUOUS) + b"\r\n\r\n0\r\n\r\n" + _WHOLE
    return HostileRequest("ambiguous", (head,), INVALID)


def _abandoned(dice: random.Random) -> HostileRequest:
    pieces = (_LINE + b"a: ", b"a" * dice.randint(1, 60 * KB))
    return HostileRequest("abandoned", pieces, frozenset({0}), abandoned=True)


_SHAPES: tuple[Callable[[random.Random], HostileRequest], ...] = (
    _endless_name,
    _endless_value,
    _huge_value,
    _padded_value,
    _many_fields,
    _tiny_fields,
    _dripped_head,
    _dripped_fields,
    _blank_lines,
    _endless_method,
    _long_target,
    _endless_target_spaces,
    _extension,
    _extensions,
    _tiny_chunks,
    _endless_trailer,
    _many_trailers,
    _after_another,
    _deep_pipeline,
    _upgrade,
    _old_version,
    _expectation,
    _ambiguous,
    _abandoned,
)
