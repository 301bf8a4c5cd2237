"""Chat completions as bytes: sends a body, returns events, a body or pieces of it; never retries or decodes."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Literal, Self

from libs.adapters.models.openai_chat.failures import retry_after_s
from libs.adapters.models.openai_chat.http_client import reason, request_headers
from libs.adapters.models.openai_chat.sse import EventTooLong, SseParser
from libs.adapters.web.http_wire import Broken, Connection, Pool, PoolLimits
from libs.core.errors import Retryable
from libs.core.resource import Resource
from libs.core.tasks import TaskSet
from libs.runtime.settings.inference_servers import InferenceServer

MAX_ANSWER_BYTES = 64 << 20
_DRAIN_S = 0.1
_DRAIN_READS = 8
Kind = Literal["events", "json", "page", "other"]
_KINDS: dict[str, Kind] = {"text/event-stream": "events", "application/json": "json", "text/html": "page"}


class Unreachable(Retryable):
    """The server refused the connection or closed it before it answered; no answer has begun."""

    code = "model_unavailable"


class WireCut(Retryable):
    """The answer broke off or exceeds its size limit."""

    code = "stream_broken"


class Exchange:
    """One request whose answer has begun. Leaving the context closes a connection that is not read to its end."""

    __slots__ = ("_connection", "_left", "_parser", "_pool", "_size", "_slots", "kind", "retry_after_s", "status")

    def __init__(self, connection: Connection, pool: Pool, slots: asyncio.Semaphore | None) -> None:
        """A slot of `slots` is acquired; it is free again once the exchange is released."""
        media_type = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
        self.status = connection.status
        self.kind: Kind = _KINDS.get(media_type, "other")
        self.retry_after_s = retry_after_s(connection.headers) if self.status != 200 else None
        connection.headers = {}
        self._connection = connection
        self._pool = pool
        self._slots = slots
        self._parser: SseParser | None = None
        self._size = 0
        self._left = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    @property
    def complete(self) -> bool:
        """True once the whole answer has arrived."""
        return self._connection.complete

    def release(self) -> None:
        """Keep the connection if it is read to its end; otherwise close it. Idempotent."""
        if not self._left:
            self._left = True
            self._give_back()

    def leave(self, tasks: TaskSet) -> None:
        """Drain the rest of the answer in a background task, so that the connection can be reused. Never blocks."""
        if not self.complete:
            self._left = True
            tasks.start(self._drain())

    async def events(self) -> list[bytes] | None:
        """Data of the next events, possibly empty; None at the end. Raises WireCut."""
        chunk = await self.piece()
        if not chunk:
            return self._last()
        self._weigh(chunk, MAX_ANSWER_BYTES)
        if self._parser is None:
            if (data := _whole_events(chunk)) is not None:
                return data
            self._parser = SseParser()
        try:
            return [event.data for event in self._parser.feed(chunk)]
        except EventTooLong as error:
            raise WireCut(str(error)) from error

    async def piece(self) -> bytes:
        """At least one byte of the body, empty at its end; the caller bounds their sum. Raises WireCut."""
        try:
            return await self._connection.read()
        except Broken as error:
            raise WireCut(str(error)) from error

    async def linger(self, seconds: float) -> None:
        """Wait up to `seconds` for more data, unless the answer is complete, so that events are passed on together."""
        await self._connection.linger(seconds)

    async def body(self, limit: int) -> bytes:
        """Read the whole body. Raises WireCut when it exceeds `limit` bytes."""
        parts = []
        while part := await self.piece():
            self._weigh(part, limit)
            parts.append(part)
        return b"".join(parts)

    async def _drain(self) -> None:
        """Read to the end; on timeout the pool closes the connection."""
        try:
            async with asyncio.timeout(_DRAIN_S):
                for _ in range(_DRAIN_READS):
                    if not await self._connection.read():
                        break
        except (Broken, TimeoutError):
            pass
        finally:
            self._give_back()

    def _give_back(self) -> None:
        self._pool.give_back(self._connection)
        if self._slots is not None:
            self._slots.release()

    def _weigh(self, chunk: bytes, limit: int) -> None:
        self._size += len(chunk)
        if self._size > limit:
            raise WireCut(f"more than {limit} bytes")

    def _last(self) -> list[bytes] | None:
        parser, self._parser = self._parser, None
        left = [event.data for event in parser.close()] if parser is not None else []
        return left or None


class ModelWire(Resource):
    """Connections to model servers. A resource: enter it before use.

    `limits` are those of each server. At most `exchanges` run at once, or any number; further ones wait.
    """

    def __init__(
        self, servers: Sequence[InferenceServer], limits: PoolLimits | None = None, exchanges: int | None = None
    ) -> None:
        limits = limits or PoolLimits()
        self._slots = asyncio.Semaphore(exchanges) if exchanges is not None else None
        self._pools = {server.name: Pool(f"{server.url}/chat/completions", limits) for server in servers}
        self._headers = {server.name: request_headers(server) for server in servers}

    async def _enter(self, stack: AsyncExitStack) -> None:
        for pool in self._pools.values():
            await stack.enter_async_context(pool)

    async def send(self, server: str, body: bytes, headers: bytes = b"") -> Exchange:
        """Send a chat completion to the named server. `headers` are lines that end with CRLF.

        Raises Unreachable. Cancellation closes the connection.
        """
        pool, slots = self._pools[server], self._slots
        if slots is not None:
            await slots.acquire()
        try:
            return Exchange(await pool.post(self._headers[server] + headers, body), pool, slots)
        except BaseException as error:
            if slots is not None:
                slots.release()
            if isinstance(error, Broken | OSError):
                raise Unreachable(reason(error)) from error
            raise


def _whole_events(chunk: bytes) -> list[bytes] | None:
    """Fast path for a chunk of whole events with one data line each, which nearly all chunks are; None otherwise."""
    if not chunk.endswith(b"\n\n") or b"\r" in chunk:
        return None
    events = chunk[:-2].split(b"\n\n")
    if not all(event.startswith(b"data: ") and b"\n" not in event for event in events):
        return None
    return [event[6:] for event in events]
