"""Port `LLM` over OpenAI-compatible servers."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import TypeVar

from libs.adapters.models.openai_chat.body import bounded_body
from libs.adapters.models.openai_chat.call import Call
from libs.adapters.models.openai_chat.dialect import ServerCapabilities, simpler
from libs.adapters.models.openai_chat.exchange import Exchange, ModelWire, Unreachable
from libs.adapters.models.openai_chat.failures import (
    MAX_ERROR_BYTES,
    Busy,
    ErrorReply,
    Objection,
    failure,
)
from libs.adapters.models.openai_chat.open_stream import OpenStream
from libs.adapters.models.openai_chat.retry import CallRetryPolicy
from libs.adapters.models.openai_chat.wire import request_body
from libs.contracts.staffing import ModelRef
from libs.core.cache_salt import cache_salt
from libs.core.tenancy import current_tenant
from libs.ports.llm import Completion, ModelRefused, ModelRequest, TextDelta
from libs.runtime.settings.inference_servers import InferenceServer

IDLE_TIMEOUT_S = 60.0
T = TypeVar("T")


class OpenAIChat:
    """Routes each call to the server of its `ModelRef`.

    One object per process: it caches the capabilities of servers.
    """

    def __init__(
        self,
        servers: Sequence[InferenceServer],
        wire: ModelWire,
        *,
        retry: CallRetryPolicy | None = None,
        idle_timeout_s: float = IDLE_TIMEOUT_S,
        salt_key: str = "",
    ) -> None:
        """`salt_key` derives the cache salt of the current tenant, for servers with `cache_salt`; empty: no salt."""
        self._servers = {server.name: server for server in servers}
        self._wire = wire
        self._retry = retry or CallRetryPolicy()
        self._idle_timeout_s = idle_timeout_s
        self._salt_key = salt_key
        self._dialects: dict[ModelRef, ServerCapabilities] = {}

    async def complete(self, request: ModelRequest) -> Completion:
        """Stream only if the server's entry says so: a whole reply costs a third of the work."""
        return await self._repeated(self._call(request), self._whole_answer)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[TextDelta | Completion, None]:
        call = self._call(request)
        stream, text = await self._repeated(call, self._first_text)
        async with stream:
            while True:
                if text:
                    yield TextDelta(text)
                if stream.ended:
                    break
                text = await stream.read()
            yield stream.completion()
            await stream.drain()

    def _call(self, request: ModelRequest) -> Call:
        server = self._servers.get(request.ref.server)
        if server is None:
            raise ModelRefused(f"no model server is named {request.ref.server!r}")
        return Call.start(request, server)

    def _salt(self, server: InferenceServer) -> str:
        return cache_salt(self._salt_key, current_tenant()) if server.cache_salt and self._salt_key else ""

    async def _repeated(self, call: Call, attempt: Callable[[Call, ServerCapabilities], Awaitable[T]]) -> T:
        """Attempt the call within the retry policy and the deadline; drop capabilities that the server objects to."""
        ref, repeats = call.request.ref, 0
        dialect = self._dialects.get(ref, ServerCapabilities())
        while True:
            try:
                answer = await attempt(call, dialect)
            except Objection as objection:
                if (less := simpler(dialect, call.request, objection.complaint)) is None:
                    raise
                dialect = less
            except Busy as busy:
                pause_s = self._retry.pause_s(repeats, busy.retry_after_s)
                if pause_s is None or pause_s >= call.remaining_s():
                    raise
                repeats += 1
                await asyncio.sleep(pause_s)
            else:
                self._dialects[ref] = dialect
                return answer

    async def _whole_answer(self, call: Call, dialect: ServerCapabilities) -> Completion:
        exchange = await self._send(call, dialect, stream=call.server.stream)
        async with OpenStream(call, exchange, self._idle_timeout_s, shown=False) as stream:
            while not stream.ended:
                await stream.read()
            completion = stream.completion()
            await stream.drain()
            return completion

    async def _first_text(self, call: Call, dialect: ServerCapabilities) -> tuple[OpenStream, str]:
        async with AsyncExitStack() as on_failure:
            exchange = await self._send(call, dialect, stream=True)
            stream = OpenStream(call, exchange, self._idle_timeout_s, shown=True)
            await on_failure.enter_async_context(stream)
            text = ""
            while not text and not stream.ended:
                text = await stream.read()
            on_failure.pop_all()
            return stream, text

    async def _send(self, call: Call, dialect: ServerCapabilities, *, stream: bool) -> Exchange:
        """Send the request; the caller releases the exchange."""
        body = request_body(call.request, dialect, stream=stream, salt=self._salt(call.server))
        try:
            async with asyncio.timeout_at(call.deadline):
                exchange = await self._wire.send(call.server.name, body)
        except TimeoutError as error:
            raise call.silent() from error
        except Unreachable as error:
            raise call.cut(str(error), began=False) from error
        if 200 <= exchange.status < 300 and exchange.kind != "page":  # of another service at that address
            return exchange
        async with exchange:
            text = await bounded_body(call, exchange, MAX_ERROR_BYTES)
        raise failure(call.request.ref, ErrorReply(exchange.status, text, exchange.retry_after_s))
