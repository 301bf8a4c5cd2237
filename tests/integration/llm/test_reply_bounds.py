"""Replies without an end, of every kind of server that is read as a whole: each read stops at its bound."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import pytest
import pytest_asyncio

from libs.adapters.identity import oidc_keys
from libs.adapters.identity.oidc_keys import IssuerKeys, IssuerUnavailable
from libs.adapters.models import embedding_server, listing
from libs.adapters.models.embedding_server import EmbeddingServer
from libs.adapters.models.listing import ModelServerUnavailable, listed_models
from libs.ports.embeddings import EmbedderUnavailable
from libs.runtime.settings.inference_servers import InferenceServer

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n"
_PART = b" " * (1 << 16)  # white space, so that no parser of JSON objects before the end
_BUFFERED = 1 << 24  # bytes that may be on their way when the reader has enough


@dataclass
class Endless:
    """A server whose replies have no end; `sent` is what its clients have taken of them, in bytes."""

    port: int = 0
    sent: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_HEAD)
        with suppress(ConnectionError):
            while True:
                writer.write(_PART)
                await writer.drain()
                self.sent += len(_PART)


@pytest_asyncio.fixture
async def endless() -> AsyncIterator[Endless]:
    server = Endless()
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listener:
        server.port = listener.sockets[0].getsockname()[1]
        yield server


async def embed(port: int) -> None:
    async with EmbeddingServer(InferenceServer("far", f"http://127.0.0.1:{port}/v1"), "letters", 60.0) as server:
        await server.embed(["a"])


async def list_models(port: int) -> None:
    await listed_models(InferenceServer("far", f"http://127.0.0.1:{port}/v1"))


async def fetch_keys(port: int) -> None:
    await IssuerKeys(f"http://127.0.0.1:{port}")._fetch()


@pytest.mark.parametrize(
    ("read", "error", "limit"),
    [
        (embed, EmbedderUnavailable, embedding_server.MAX_REPLY_BYTES),
        (list_models, ModelServerUnavailable, listing.MAX_REPLY_BYTES),
        (fetch_keys, IssuerUnavailable, oidc_keys.MAX_REPLY_BYTES),
    ],
)
async def test_a_reply_without_an_end_is_given_up_at_its_bound(
    endless: Endless, read: Callable[[int], Awaitable[None]], error: type[Exception], limit: int
) -> None:
    with pytest.raises(error, match=f"more than {limit} bytes"):
        await read(endless.port)
    assert limit - _BUFFERED < endless.sent < limit + _BUFFERED
