"""A direct answer as it is written: what the server sends is passed on at once, put right on its way."""

import asyncio
import logging

from starlette.types import Send

from libs.adapters.model_wire import Exchange, WireCut
from services.gateway.direct.request import DirectRequest, Said, new_call_id
from services.gateway.direct.watch import Stop, Stopped, Watch
from services.gateway.domain.dialects.dialect import Dialect
from services.gateway.domain.direct.stream import AnswerStream
from services.gateway.domain.direct.thoughts import QuietWriter
from services.gateway.domain.direct.whole import as_chunk
from services.gateway.domain.direct.writers import ChatWriter, FramesWriter, Writer
from services.gateway.domain.errors import ApiError

GATHER_S = 0.015
USAGE_S = 2.0  # between the finish reason and the usage that may follow it
_HEADERS = ((b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no"))  # proxies must not collect frames

log = logging.getLogger(__name__)


class DirectStream:
    """One streamed response. The lock keeps a frame of ours and a sign of life apart."""

    def __init__(self, request: DirectRequest, dialect: Dialect, send: Send) -> None:
        head = request.head
        writer: Writer = ChatWriter(head) if dialect.name == "chat" else FramesWriter(dialect.frames(head))
        self.writer: Writer = writer if request.decision.manner.shows_thinking else QuietWriter(writer)
        self.began = False
        self._answer = AnswerStream(new_call_id, request.ask.chat.n or 1)
        self._response_id = request.response_id.encode()
        self._type = dialect.stream_type
        self._send = send
        self._lock = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self._passed_on = 0.0
        self._gathering = False

    @property
    def said(self) -> Said:
        """Return what the model has said so far."""
        answer = self._answer
        return Said(answer.text, answer.calls, answer.finish, answer.characters, answer.spent)

    async def pipe(self, exchange: Exchange, watch: Watch, answer_bytes: int) -> None:
        """Pass the answer on until it is complete. Raises WireCut, BrokenAnswer, ToldError, Stopped by the watch."""
        if exchange.kind == "json":
            body = await exchange.body(answer_bytes)
            await self._write(b"".join(map(self.writer.take, self._answer.take_chunk(as_chunk(body)))), watch)
            self._answer.close()
            return
        try:
            while not self._answer.done and (events := await exchange.events()) is not None:
                await self._pass_on(events, watch)
                await self._gather(exchange, len(events))
        except WireCut:
            if not self._answer.finished:
                raise
        if not self._answer.done:
            self._answer.close()

    def complete(self, stopped: Stopped) -> bool:
        """Return whether only the usage was still to come when the call was ended."""
        return stopped.why is Stop.ENOUGH and self._answer.finished

    async def sign_of_life(self, watch: Watch) -> None:
        """Say that the connection is alive, unless something else is being written."""
        if not self._lock.locked():
            await self._write(self.writer.keep_alive(), watch)

    async def close(self, last: bytes, write_s: float) -> None:
        """Send the last bytes; a client that does not take them loses its connection."""
        try:
            async with asyncio.timeout(write_s), self._lock:
                await self._begin()
                await self._send({"type": "http.response.body", "body": last, "more_body": False})
        except TimeoutError:
            log.warning("%s: the client stopped reading", self._response_id.decode())

    def failed(self, error: ApiError) -> bytes:
        """Return the frame that ends a stream without a whole answer."""
        return self.writer.error(error)

    async def _gather(self, exchange: Exchange, pieces: int) -> None:
        """Wait a moment when pieces come faster than anybody reads: each write costs more than all that it carries.

        The first piece has been passed on by then, and a model that writes 50 words a second is not waited for.
        """
        now = self._loop.time()
        fast = pieces > 1 if self._gathering else now - self._passed_on < GATHER_S
        self._passed_on = now
        self._gathering = fast and not self._answer.finished
        if self._gathering:
            await exchange.linger(GATHER_S)

    async def _pass_on(self, events: list[bytes], watch: Watch) -> None:
        watch.heard()
        finished = self._answer.finished
        frames: list[bytes] = []
        try:
            for event in events:
                frames += map(self.writer.take, self._answer.take(event))
        finally:  # what came before a fault is passed on
            if data := b"".join(frames):
                await self._write(data, watch)
        if self._answer.finished and not finished:
            watch.enough_in(USAGE_S)

    async def _write(self, data: bytes, watch: Watch) -> None:
        async with self._lock:
            watch.writing()
            await self._begin()
            await self._send({"type": "http.response.body", "body": data, "more_body": True})
            watch.wrote()

    async def _begin(self) -> None:
        if self.began:
            return
        self.began = True
        named = [(b"x-request-id", self._response_id), (b"request-id", self._response_id)]
        headers = [(b"content-type", self._type), *_HEADERS, *named]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
