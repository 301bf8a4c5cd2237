"""Everything that a server sends besides a body is bounded: head, header fields, chunk framing, trailers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from libs.adapters.web.http_wire import Broken, Connection, Pool, PoolLimits
from libs.testing.waiting import waiting

CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
PIECE = 32 << 10


@asynccontextmanager
async def sending(first: bytes, piece: bytes) -> AsyncIterator[Pool]:
    """Serve a response that begins with `first` and repeats `piece` for as long as the client reads."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(first)
            while piece:
                writer.write(piece)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    async with waiting(30), await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with Pool(f"http://127.0.0.1:{port}/", PoolLimits()) as pool:
            yield pool


async def read_all(pool: Pool) -> tuple[Connection, bytes]:
    connection = await pool.post(b"", b"")
    try:
        body = b""
        while data := await connection.read():
            body += data
        return connection, body
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("first", "piece", "fault"),
    [
        (b"HTTP/1.1 200 OK\r\na: ", b"a" * PIECE, "the headers are too long"),
        (b"HTTP/1.1 200 ", b"a" * PIECE, "the headers are too long"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100, "the headers are too long"),
        (b"HTTP/1.1 200 OK\r\n", b"a: b\r\n" * 201, "the headers are too many"),
        (CHUNKED + b"5;a=", b"a" * PIECE, "the chunk framing is too long"),
        (CHUNKED + b"1\r\nx\r\n0\r\nt: ", b"t" * PIECE, "the chunk framing is too long"),
        (CHUNKED + b"1\r\nx\r\n0\r\n", b"t: t\r\n" * 201, "the headers are too many"),
    ],
    ids=[
        "a long header",
        "a long phrase",
        "informational",
        "many fields",
        "an extension",
        "a trailer",
        "many trailers",
    ],
)
async def test_a_response_without_an_end_breaks(first: bytes, piece: bytes, fault: str) -> None:
    async with sending(first, piece) as pool:
        with pytest.raises(Broken, match=fault):
            await read_all(pool)


async def test_trailers_are_no_headers() -> None:
    async with sending(CHUNKED + b"1\r\nx\r\n0\r\nlocation: elsewhere\r\n\r\n", b"") as pool:
        connection, body = await read_all(pool)
    assert body == b"x"
    assert "location" not in connection.headers


async def test_small_chunks_are_a_body() -> None:
    async with sending(CHUNKED + b"3\r\nabc\r\n" * 50_000 + b"0\r\n\r\n", b"") as pool:
        assert len((await read_all(pool))[1]) == 150_000
