"""Requests that continue without their client.

Background mode is a direct request whose client fetches the answer later. Two places record it before it is accepted:
the log, so that any gateway can show it, and the disk, so that the next process records its end after a kill.

A client with an Idempotency-Key may request the answer of a direct call again, so its disconnect does not end the call.
A request that the fleet has accepted continues anyway, so its client's disconnect releases the permit immediately.
"""

import asyncio
import logging
from dataclasses import dataclass, replace

from starlette.types import Message, Send

from libs.contracts.direct import DirectOpened
from libs.http.context import Continuation, HttpContext
from libs.http.responses import send_json
from services.gateway.dialects.response_body import opened_body
from services.gateway.dialects.responses.shape import Progress
from services.gateway.direct.answer import DirectAnswer
from services.gateway.direct.context import ModelOutput
from services.gateway.domain.errors import RequestRefused, not_accepted, outbox_full
from services.gateway.pipeline.acceptance import publish_acknowledged
from services.gateway.pipeline.admission import AdmissionPermit
from services.gateway.pipeline.app_context import AppContext
from services.gateway.pipeline.request_context import RequestContext

SEND_TIMEOUT_S = 5.0  # a client that blocks a write for this long gets no further messages

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BackgroundReply:
    """One request. Its answer is recorded like any other."""

    context: AppContext
    answer: DirectAnswer

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
        if not await publish_acknowledged(self.context, opened):
            raise not_accepted()


class BestEffortSend:
    """Sends until one write exceeds SEND_TIMEOUT_S, then discards: a stalled client delays no answer."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._left = False

    async def __call__(self, message: Message) -> None:
        if self._left:
            return
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._send(message)
        except TimeoutError:
            self._left = True


async def never_disconnect() -> Message:
    """Block until cancelled: hide the disconnect of the client."""
    await asyncio.Event().wait()
    return {"type": "http.disconnect"}


async def discard(_message: Message) -> None:
    """A `Send` that drops every message: the client fetches the answer later."""


def _before(rest: Continuation) -> Continuation:
    async def run_without_client(send: Send) -> None:
        await rest(BestEffortSend(send))

    return run_without_client


def ignore_disconnect(permit: AdmissionPermit, request: RequestContext) -> RequestContext:
    """Hide disconnects and stalled reads of the client until the fleet has accepted the request."""
    receive, send = request.http.receive, request.http.send
    audience = BestEffortSend(send)

    async def receive_message() -> Message:
        message = await receive()
        disconnected = message["type"] == "http.disconnect"
        return await never_disconnect() if disconnected and not permit.accepted else message

    async def send_message(message: Message) -> None:
        await (send if permit.accepted else audience)(message)

    return request.connected_to(receive_message, send_message)
