"""The answer of an accepted request to its client: in one piece, or streamed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Send

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestOpened
from libs.http.metadata import ResponseMetadata
from libs.http.responses import identify, json_response, start_stream
from libs.http.silence import Silence
from libs.ports.deltas import Delta
from services.gateway.dialects.dialect import Dialect
from services.gateway.domain.request_limits import RequestLimits
from services.gateway.domain.routing.model_resolver import shows_reasoning
from services.gateway.domain.streaming.assembler import StreamAssembler
from services.gateway.domain.streaming.reply import (
    ReplyHead,
    answered_at,
    erased_error,
    error_of,
    late_error,
    reply_of,
    stopping_error,
)
from services.gateway.domain.streaming.resume import START, ResumePoint
from services.gateway.http.responses import refusal
from services.gateway.replies.pending_replies import End, Ending, PendingReply

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AcceptedRequest:
    """Where the end arrives, and the dialect in which the client gets it."""

    pending_reply: PendingReply
    dialect: Dialect
    head: ReplyHead
    opened: RequestOpened

    def assembler(self, point: ResumePoint = START) -> StreamAssembler:
        """Resume the stream at `point`."""
        frames = self.dialect.frames(self.head, point)
        shown = shows_reasoning(self.opened.question.mode)
        return StreamAssembler(self.head.response_id, frames, resume_at=point, shows_reasoning=shown)


def head_of(opened: RequestOpened, pending: PendingReply, *, include_usage: bool) -> ReplyHead:
    """The fields of every frame of the answer. Its end time is known once the reply has ended."""
    return ReplyHead(
        response_id=opened.envelope.response_id,
        model=opened.model,
        created=int(opened.accepted_at),
        include_usage=include_usage,
        echo=opened.echo,
        accepted_at=opened.accepted_at,
        protocol=opened.protocol,
        completed_at=lambda: answered_at(opened, pending.finished),
    )


async def wait_for_end(accepted: AcceptedRequest, receive: Receive) -> End:
    async with background_tasks(watch_client(receive, accepted.pending_reply)):
        return await accepted.pending_reply.end()


def record_end(metadata: ResponseMetadata, end: End) -> None:
    """Record the time of the fleet and the experts of the answer."""
    metadata.step_elsewhere("fleet")
    record_experts(metadata, end)


def record_experts(metadata: ResponseMetadata, end: End) -> None:
    if isinstance(end, AnswerFinished):
        metadata.experts = tuple(source for source in end.sources if "::" in source)


def build_whole_response(accepted: AcceptedRequest, end: End) -> Response | None:
    """None when the client has disconnected."""
    response_id, dialect, public_id = accepted.pending_reply.response_id, accepted.dialect, accepted.head.id
    match end:
        case AnswerFinished(outcome="answered"):
            response = json_response(dialect.whole(accepted.head, reply_of(end)))
        case AnswerFinished():
            response = refusal(error_of(end), dialect, public_id)
        case Ending.TIMED_OUT:
            response = refusal(late_error(response_id), dialect, public_id)
        case Ending.ERASED:
            response = refusal(erased_error(response_id), dialect, public_id)
        case Ending.STOPPING:
            response = refusal(stopping_error(response_id), dialect, public_id)
        case Ending.CLIENT_GONE:
            return None
    return identify(response, public_id)


class StreamReply:
    """One streamed response. The lock keeps each frame and the assembler's state consistent."""

    def __init__(self, accepted: AcceptedRequest, assembler: StreamAssembler, send: Send, rules: RequestLimits) -> None:
        self._assembler = assembler
        self._pending = accepted.pending_reply
        self._id = accepted.head.id
        self._stream_type = accepted.dialect.stream_type
        self._send = send
        self._rules = rules
        self._lock = asyncio.Lock()
        self._writes = 0
        self._silence = Silence(rules.keep_alive_s)

    async def run(self, receive: Receive, deltas: AsyncIterator[Delta]) -> End:
        """Stream until the end, send the end, and return it."""
        await start_stream(self._send, self._stream_type, self._id)
        if first := self._assembler.open():
            await self._write(first)
        async with background_tasks(
            self._send_deltas(deltas), self._send_keep_alives(), watch_client(receive, self._pending)
        ):
            end = await self._pending.end()
            await self._flush_received()
            await self._send_end(end)
        return end

    async def _send_deltas(self, deltas: AsyncIterator[Delta]) -> None:
        async for delta in deltas:
            async with self._lock:
                if data := self._assembler.take(delta):
                    await self._write(data)

    async def _flush_received(self) -> None:
        """Let the pipe write the deltas that have arrived already: an immediate end must not overtake them."""
        writes_before = -1
        while writes_before != self._writes:
            writes_before = self._writes
            await asyncio.sleep(0)

    async def _send_keep_alives(self) -> None:
        while True:
            await self._silence.last()
            async with self._lock:
                if self._silence.is_over:
                    await self._write(self._assembler.keep_alive())

    async def _send_end(self, end: End) -> None:
        try:
            async with asyncio.timeout(self._rules.write_timeout_s), self._lock:
                if end is not Ending.CLIENT_GONE:
                    last = {"type": "http.response.body", "body": self._last_frame(end), "more_body": False}
                    await self._send(last)
        except TimeoutError:  # the server closes a connection with an incomplete response
            log.warning("%s: the client stopped reading", self._pending.response_id)

    def _last_frame(self, end: End) -> bytes:
        match end:
            case AnswerFinished():
                return self._assembler.finish(end)
            case Ending.STOPPING:
                return self._assembler.fail(stopping_error(self._pending.response_id))
            case Ending.ERASED:
                return self._assembler.fail(erased_error(self._pending.response_id))
            case _:
                return self._assembler.fail(late_error(self._pending.response_id))

    async def _write(self, data: bytes) -> None:
        self._writes += 1
        await self._send({"type": "http.response.body", "body": data, "more_body": True})
        self._silence.end()


async def watch_client(receive: Receive, pending_reply: PendingReply) -> None:
    """Resolve the pending reply as CLIENT_GONE when the client disconnects."""
    while (await receive())["type"] != "http.disconnect":
        pass
    pending_reply.resolve(Ending.CLIENT_GONE)


@asynccontextmanager
async def background_tasks(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `works` while the block runs. Leaving cancels them; an error of theirs ends the block."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
        yield
        for task in tasks:
            task.cancel()
