"""One direct request, from the upstream call to its record, also in the background.

The rest of a stream that has begun is detached from its request, whose body may be large, and from its middleware.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from starlette.types import Send

from libs.contracts.direct import DirectOpened
from libs.http.context import Continuation, HttpContext
from libs.http.disconnecting import BestEffortSend, discard, never_disconnect
from libs.http.responses import identify, send_json
from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.direct.whole import WholeAnswer, read_whole
from services.gateway.dialects.naming import error_in
from services.gateway.dialects.response_body import opened_body
from services.gateway.dialects.responses.shape import Progress
from services.gateway.direct.call import DirectCall
from services.gateway.direct.context import ModelOutput
from services.gateway.direct.request import DirectRequest, Remember, new_call_id
from services.gateway.direct.server_permits import ServerPermit
from services.gateway.direct.streaming import DirectStream
from services.gateway.direct.upstream_call import UPSTREAM_FAILURES, UpstreamFailure, open_exchange
from services.gateway.direct.watchdog import CallWatchdog
from services.gateway.domain.errors import RequestRefused, not_accepted, outbox_full
from services.gateway.http.responses import refusal

Publish: TypeAlias = Callable[[DirectOpened], Awaitable[bool]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DetachedStream:
    """A call whose model has begun to answer. It is closed at the end of the stream."""

    call: DirectCall
    stream: DirectStream
    remember: Remember

    async def run(self, send: Send) -> None:
        try:
            trouble = await self.stream.pipe(send, self.call.proxy.tasks)
            await (self._end() if trouble is None else end_failed(self.call, self.stream, trouble))
        finally:
            self.stream.release()
            self.call.close()

    async def _end(self) -> None:
        call, stream = self.call, self.stream
        ending = stream.writer.ending(await call.record_answer(stream.output, self.remember))
        await stream.close(ending, call.timeouts.write_s)


async def end_failed(call: DirectCall, stream: DirectStream, trouble: UpstreamFailure) -> None:
    """End a stream without a whole answer; a disconnected client gets no error."""
    failed = call.record_failure(trouble, stream.output)
    if failed is not None:
        await stream.close(stream.writer.error(failed.error), call.timeouts.write_s)


@dataclass(slots=True)
class DirectAnswer:
    """One request. It is recorded before the last bytes of its answer are sent to the client."""

    call: DirectCall
    dialect: Dialect
    request: DirectRequest

    async def run(self, http: HttpContext) -> Continuation | None:
        """Call the model and send its answer; return the rest of a stream that has begun.

        The call is closed on return, or at the end of that rest.
        """
        ref = self.call.context.ref
        http.metadata.experts = (f"{ref.model}@{ref.server}",)
        rest: Continuation | None = None
        try:
            if self.request.inference.stream:
                rest = await self._stream(http)
            else:
                await self._whole(http)
        finally:
            if rest is None:
                self.call.close()
        return rest

    async def _whole(self, http: HttpContext) -> None:
        call = self.call
        watch = call.slot.watch = CallWatchdog(call.timeouts, http.receive, call.proxy.tasks)
        try:
            with watch:
                answer = await self._read()
        except UPSTREAM_FAILURES as trouble:
            http.metadata.step_elsewhere("model")
            await self._fail(trouble, http)
            return
        if call.slot.permit is not None:
            call.slot.permit.answer_ended()
        http.metadata.step_elsewhere("model")
        output = ModelOutput(
            answer.text, answer.calls, answer.finish, answer.characters, answer.spent, answer.reasoning
        )
        spent = await call.record_answer(output, self.request.remember)
        head = self.request.head
        chat = self.dialect.name == "chat"
        body = answer.chat_body(head, spent) if chat else self.dialect.whole(head, answer.reply(spent))
        await send_json(http.send, body, head.id)

    async def _read(self) -> WholeAnswer:
        line = self.call.proxy
        async with await open_exchange(line, self.request) as exchange:
            body = await exchange.body(line.timeouts.answer_bytes)
        shows_cache = line.upstream(self.request.context.ref.server).shows_cache
        answer = read_whole(body, new_call_id, shows_cache=shows_cache)
        return answer.shown(thinking=self.request.options.shows_thinking)

    async def _stream(self, http: HttpContext) -> Continuation | None:
        call, request = self.call, self.request
        watch = call.slot.watch = CallWatchdog(call.timeouts, http.receive, call.proxy.tasks)
        shows_cache = call.proxy.upstream(call.context.ref.server).shows_cache
        stream = DirectStream(request, self.dialect, watch, http.send, shows_cache=shows_cache)
        stream.began = http.metadata.begun
        if call.slot.permit is not None:
            stream.on_answer = call.slot.permit.answer_began
            watch.begins_early = partial(_begins_early, stream, call.slot.permit)
        try:
            with watch:
                exchange = await open_exchange(call.proxy, request)
                http.metadata.step_elsewhere("model")
                await stream.begin(exchange, call.proxy.timeouts.answer_bytes)
        except UPSTREAM_FAILURES as trouble:
            await (end_failed(call, stream, trouble) if stream.began else self._fail(trouble, http))
            return None
        return DetachedStream(call, stream, request.remember).run

    async def _fail(self, trouble: UpstreamFailure, http: HttpContext) -> None:
        """Send an error where no bytes were sent yet; a disconnected client gets none."""
        name = self.request.head.id
        failed = self.call.record_failure(trouble, ModelOutput())
        if failed is not None:
            error = error_in(failed.error, self.dialect.names)
            await identify(refusal(error, self.dialect, name), name)(http.scope, http.receive, http.send)


@dataclass(frozen=True, slots=True)
class BackgroundReply:
    """A direct request whose client fetches the answer later; the answer is recorded like any other.

    Two places record the request before it is accepted: the log, so that any gateway can show it, and the disk, so that
    the next process records its end after a kill. `publish` returns True if the log acknowledged the request.
    """

    answer: DirectAnswer
    publish: Publish

    async def run(self, http: HttpContext) -> Continuation | None:
        """Send `queued`, or begin the stream; the call does not depend on the client's connection.

        Raises RequestRefused (503) when acceptance fails.
        """
        if self.answer.request.inference.stream:
            await self._accepted()
            rest = await self.answer.run(replace(http, receive=never_disconnect, send=BestEffortSend(http.send)))
            return _before(rest) if rest is not None else None
        queued = await self._accepted()
        self.answer.call.proxy.tasks.start(self._run_in_background(http), name="a call in the background")
        await send_json(http.send, queued, self.answer.request.head.id)
        return None

    async def _run_in_background(self, http: HttpContext) -> None:
        await self.answer.run(replace(http, receive=never_disconnect, send=discard))

    async def _accepted(self) -> bytes:
        """Body of the `queued` response."""
        call = self.answer.call
        opened = call.context.as_opened(call.timeouts.call_s)
        try:
            await self._record_acceptance(opened)
        except BaseException as error:  # on any error: other instances may have consumed the request
            if isinstance(error, RequestRefused):
                call.record("failed", ModelOutput(), error.error)
            call.close()
            raise
        return opened_body(opened, Progress("queued"))

    async def _record_acceptance(self, opened: DirectOpened) -> None:
        """Record the request on disk, then on the log. Raises RequestRefused (503)."""
        case = self.answer.call.context
        try:
            await self.answer.call.proxy.outbox.log_intent(case.as_orphan())
        except OSError as error:
            log.warning("could not accept %s: %s", case.response_id, error)
            raise outbox_full() from error
        if not await self.publish(opened):
            raise not_accepted()


def _before(rest: Continuation) -> Continuation:
    async def run_without_client(send: Send) -> None:
        await rest(BestEffortSend(send))

    return run_without_client


def _begins_early(stream: DirectStream, permit: ServerPermit) -> bool:
    """True while other calls wait for a permit: then the client gets the head of its stream before the model starts to
    answer. The server sends a rejection at once."""
    return not stream.began and permit.others_wait
