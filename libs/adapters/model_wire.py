"""Chat completions as they are on the wire, for who passes them on: bytes out, events or a body back.

Nothing is repeated and nothing is decoded here; `openai_chat` is the port for who wants an answer.
"""

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Literal, Self

import aiohttp

from libs.adapters.inference_servers import InferenceServer
from libs.adapters.openai_chat.failures import retry_after_s
from libs.adapters.openai_chat.http_client import TRANSPORT_ERRORS, ClientLimits, model_http_client, reason
from libs.adapters.openai_chat.sse import EventTooLong, SseParser
from libs.core.errors import Retryable
from libs.core.tasks import TaskSet

MAX_ANSWER_BYTES = 64 << 20
_DRAIN_S = 0.1
_DRAIN_READS = 8
Kind = Literal["events", "json", "other"]
_KINDS: dict[str, Kind] = {"text/event-stream": "events", "application/json": "json"}


class Unreachable(Retryable):
    """The server took no connection, or closed it before it answered: nothing was begun."""

    code = "model_unavailable"


class WireCut(Retryable):
    """The answer stopped in the middle, or is larger than any answer should be."""

    code = "stream_broken"


class Exchange:
    """One request that the server began to answer. Leaving the context closes what was not read to its end."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.status = response.status
        self.kind: Kind = _KINDS.get(
            response.headers.get("content-type", "").partition(";")[0].strip().lower(), "other"
        )
        self.retry_after_s = retry_after_s(response.headers)
        self._response = response
        self._content = response.content
        self._parser: SseParser | None = None
        self._size = 0
        self._left = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._left:
            self._response.close()

    def leave(self, tasks: TaskSet) -> None:
        """Let the connection serve another call when it is read to its end, which nobody has to wait for."""
        self._left = True
        if not self._content.at_eof():
            tasks.start(self._drain())

    async def events(self) -> list[bytes] | None:
        """Return the data of the events that came next, possibly none; None at the end. Raises WireCut."""
        chunk = await self._read(MAX_ANSWER_BYTES)
        if not chunk:
            return self._last()
        if self._parser is None:
            if (data := _whole_events(chunk)) is not None:
                return data
            self._parser = SseParser()
        try:
            return [event.data for event in self._parser.feed(chunk)]
        except EventTooLong as error:
            raise WireCut(str(error)) from error

    async def body(self, limit: int) -> bytes:
        """Return the body. Raises WireCut when it is longer than `limit` bytes."""
        parts = []
        while part := await self._read(limit):
            parts.append(part)
        return b"".join(parts)

    async def _drain(self) -> None:
        """Read what is left behind the last event. A server that lingers gets its connection closed instead."""
        try:
            async with asyncio.timeout(_DRAIN_S):
                for _ in range(_DRAIN_READS):
                    if not await self._content.readany():
                        break
        except TRANSPORT_ERRORS:  # TimeoutError is one
            pass
        finally:
            self._response.close()

    async def _read(self, limit: int) -> bytes:
        try:
            chunk = await self._content.readany()
        except TRANSPORT_ERRORS as error:
            raise WireCut(reason(error)) from error
        self._size += len(chunk)
        if self._size > limit:
            raise WireCut(f"more than {limit} bytes")
        return chunk

    def _last(self) -> list[bytes] | None:
        parser, self._parser = self._parser, None
        left = [event.data for event in parser.close()] if parser is not None else []
        return left or None


class ModelWire:
    """The way to some servers; a resource: enter it before use. `at_once` bounds the connections."""

    def __init__(self, servers: Sequence[InferenceServer], at_once: int) -> None:
        self._servers = {server.name: server for server in servers}
        self._headers = {server.name: _headers(server) for server in servers}
        self._at_once = at_once
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._http = model_http_client(ClientLimits(max_connections=self._at_once))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        http, self._http = self._http, None
        if http is not None:
            await http.close()

    async def send(self, server: str, body: bytes, extra: Mapping[str, str] | None = None) -> Exchange:
        """Send a chat completion to the server of that name. Raises Unreachable; being cancelled closes the way."""
        if self._http is None:
            raise RuntimeError("the model wire is not entered")
        headers = self._headers[server]
        url = f"{self._servers[server].url}/chat/completions"
        try:
            response = await self._http.post(
                url, data=body, headers={**headers, **extra} if extra else headers, allow_redirects=False
            )
        except TRANSPORT_ERRORS as error:
            raise Unreachable(reason(error)) from error
        return Exchange(response)


def _headers(server: InferenceServer) -> dict[str, str]:
    headers = {"content-type": "application/json"}
    if server.token is not None:
        headers["authorization"] = f"Bearer {server.token.get_secret_value()}"
    return headers


def _whole_events(chunk: bytes) -> list[bytes] | None:
    """Return the data of a chunk that holds whole events of one data line each, as nearly all do; None for others."""
    if not chunk.endswith(b"\n\n") or b"\r" in chunk:
        return None
    events = chunk[:-2].split(b"\n\n")
    if not all(event.startswith(b"data: ") and b"\n" not in event for event in events):
        return None
    return [event[6:] for event in events]
