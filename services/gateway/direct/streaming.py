"""The streamed answer of a model, repaired and forwarded as it arrives."""

import asyncio
import logging
from collections.abc import Callable

from starlette.types import Send

from libs.adapters.models.openai_chat.exchange import Exchange, WireCut
from libs.core.tasks import TaskSet
from libs.http.responses import start_stream
from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.direct.thoughts import QuietWriter
from services.gateway.dialects.direct.whole import as_chunk
from services.gateway.dialects.direct.writers import ChatWriter, FramesWriter, Writer
from services.gateway.direct.context import ModelOutput
from services.gateway.direct.request import DirectRequest, new_call_id
from services.gateway.direct.upstream_call import UPSTREAM_FAILURES, UpstreamFailure
from services.gateway.direct.watchdog import AbortReason, CallAborted, CallWatchdog
from services.gateway.domain.direct.stream import AnswerStream

GATHER_S = 0.015
USAGE_S = 2.0  # between the finish reason and the usage that may follow it

log = logging.getLogger(__name__)


class DirectStream:
    """One streamed response. The lock serializes frames and keep-alives. `began`: the client already has the response
    head; `on_answer` is called once, at the first piece."""

    __slots__ = (
        "_active_at",
        "_answer",
        "_exchange",
        "_finished",
        "_gathering",
        "_id",
        "_interval_s",
        "_lock",
        "_monotonic",
        "_response_id",
        "_send",
        "_type",
        "began",
        "on_answer",
        "watch",
        "writer",
    )

    def __init__(
        self, request: DirectRequest, dialect: Dialect, watch: CallWatchdog, send: Send, *, shows_cache: bool = False
    ) -> None:
        head = request.head
        writer: Writer = ChatWriter(head) if dialect.name == "chat" else FramesWriter(dialect.frames(head))
        self.writer: Writer = writer if request.options.shows_thinking else QuietWriter(writer)
        self.watch = watch
        self.began = False
        self.on_answer: Callable[[], None] | None = None
        self._answer = AnswerStream(new_call_id, request.inference.chat.n or 1, shows_cache=shows_cache)
        self._exchange: Exchange | None = None
        self._finished = False
        self._response_id = head.response_id
        self._id = head.id
        self._type = dialect.stream_type
        self._send = send
        self._lock = asyncio.Lock()
        self._monotonic = request.context.clock.monotonic
        self._active_at = 0.0
        self._interval_s = 0.0
        self._gathering = False
        watch.on_quiet = self.send_keep_alive

    @property
    def output(self) -> ModelOutput:
        """The output of the model so far."""
        answer = self._answer
        thoughts = "" if isinstance(self.writer, QuietWriter) else answer.reasoning
        quiet_s = self._monotonic() - self._active_at if self._active_at else None
        return ModelOutput(
            answer.text, answer.calls, answer.finish, answer.characters, answer.spent, thoughts, quiet_s=quiet_s
        )

    async def begin(self, exchange: Exchange, answer_bytes: int) -> None:
        """Forward the beginning of the answer. Raises WireCut, BrokenAnswer, UpstreamErrorEvent; the watchdog raises
        CallAborted."""
        self._exchange = exchange
        try:
            if exchange.kind == "json":
                chunk = as_chunk(await exchange.body(answer_bytes))
                await self._write(b"".join(map(self.writer.take, self._answer.take_chunk(chunk))))
                self._answer.close()
            while not (self.began or self._answer.done) and (events := await exchange.events()) is not None:
                await self._pass_on(events)
            if not (self.began or self._answer.done):
                self._answer.close()
            await self._begin()
        except BaseException:
            self.release()
            raise

    async def pipe(self, send: Send, tasks: TaskSet) -> UpstreamFailure | None:
        """Forward the rest through `send`; return the failure that ended it before the answer was complete."""
        exchange, self._send = self._exchange, send
        assert exchange is not None
        try:
            with self.watch:
                while not self._answer.done and (events := await exchange.events()) is not None:
                    await self._pass_on(events)
                    await self._gather(exchange, len(events))
                if not self._answer.done:
                    self._answer.close()
            exchange.leave(tasks)
        except UPSTREAM_FAILURES as trouble:
            return None if self._complete(trouble) else trouble
        return None

    def release(self) -> None:
        """Release the connection to the model, also with data unread."""
        if self._exchange is not None:
            self._exchange.release()

    async def send_keep_alive(self) -> None:
        """Send a keep-alive unless a write is in progress."""
        if not self._lock.locked():
            await self._write(self.writer.keep_alive())

    async def close(self, last: bytes, write_s: float) -> None:
        """Send the last bytes; a client that does not read them within `write_s` seconds is disconnected."""
        try:
            async with asyncio.timeout(write_s), self._lock:
                await self._begin()
                await self._send({"type": "http.response.body", "body": last, "more_body": False})
        except TimeoutError:
            log.warning("%s: the client stopped reading", self._response_id)

    def _complete(self, trouble: UpstreamFailure) -> bool:
        """True when only the usage is missing."""
        enough = isinstance(trouble, WireCut) or (
            isinstance(trouble, CallAborted) and trouble.reason is AbortReason.ENOUGH
        )
        return enough and self._answer.finished

    async def _gather(self, exchange: Exchange, pieces: int) -> None:
        """Batch pieces that arrive faster than they can be read: each write costs more than all the pieces in it.

        The first piece is forwarded before; a model at 50 words a second is never delayed.
        """
        fast = pieces > 1 if self._gathering else self._interval_s < GATHER_S
        self._gathering = fast and not self._finished
        if self._gathering:
            await exchange.linger(GATHER_S)

    async def _pass_on(self, events: list[bytes]) -> None:
        if self.on_answer is not None:
            self.on_answer()
            self.on_answer = None
        self.watch.record_activity()
        now = self._monotonic()
        self._interval_s, self._active_at = now - self._active_at, now
        frames: list[bytes] = []
        try:
            for event in events:
                frames += map(self.writer.take, self._answer.take(event))
        finally:  # pieces before a fault are forwarded
            if data := b"".join(frames):
                await self._write(data)
        if not self._finished and self._answer.finished:
            self._finished = True
            self.watch.complete_in(USAGE_S)

    async def _write(self, data: bytes) -> None:
        async with self._lock:
            self.watch.write_started()
            await self._begin()
            await self._send({"type": "http.response.body", "body": data, "more_body": True})
            self.watch.write_ended()

    async def _begin(self) -> None:
        if not self.began:
            self.began = True
            await start_stream(self._send, self._type, self._id)
