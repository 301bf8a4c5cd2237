"""A request that one model answers for a client that comes back for the answer.

It is accepted when two places have it: the log, so that any gateway can tell of it, and the disk, so that the next
process tells what became of it if this one is killed.
"""

import asyncio
import logging
from dataclasses import dataclass

from starlette.types import Message, Send

from libs.contracts.direct import DirectOpened
from services.gateway.dialects.response_body import opened_body
from services.gateway.dialects.responses.shape import Progress
from services.gateway.direct.answer import DirectAnswer
from services.gateway.direct.context import Said
from services.gateway.domain.errors import RequestRefused, not_accepted, records_behind
from services.gateway.http.detached_body import Asgi, Rest
from services.gateway.http.responses import send_json
from services.gateway.pipeline.acceptance import told
from services.gateway.pipeline.app_context import Front

PATIENCE_S = 5.0  # a client that takes nothing for so long is sent no more

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LaterAnswer:
    """One request. What is answered is recorded like any other answer."""

    front: Front
    answer: DirectAnswer

    async def give(self, asgi: Asgi) -> Rest | None:
        """Say that the request is accepted, or begin its stream; the model is asked whoever listens.

        Raises RequestRefused (503) when it could not be accepted.
        """
        scope, _, send = asgi
        if self.answer.request.ask.stream:
            await self._accepted()
            rest = await self.answer.give((scope, nobody_leaves, Audience(send)))
            return _before(rest) if rest is not None else None
        queued = await self._accepted()
        self.answer.call.line.tasks.start(self._asked(asgi), name="a call in the background")
        await send_json(send, queued, self.answer.request.head.id)
        return None

    async def _asked(self, asgi: Asgi) -> None:
        await self.answer.give((asgi[0], nobody_leaves, to_nobody))

    async def _accepted(self) -> bytes:
        """Return what the client is told."""
        call = self.answer.call
        opened = call.case.opened(call.patience.call_s)
        try:
            await self._promise(opened)
        except BaseException as error:  # whatever it was, others may have heard of the request
            if isinstance(error, RequestRefused):
                call.record("failed", Said(), error.error)
            call.close()
            raise
        return opened_body(opened, Progress("queued"))

    async def _promise(self, opened: DirectOpened) -> None:
        """Have disk and log keep the request. Raises RequestRefused (503)."""
        case = self.answer.call.case
        try:
            await self.answer.call.line.books.pledge(case.orphaned())
        except OSError as error:
            log.warning("could not accept %s: %s", case.response_id, error)
            raise records_behind() from error
        if not await told(self.front, opened):
            raise not_accepted()


class Audience:
    """Sends to a client for as long as it takes what is sent: nobody waits for one that has stopped reading."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._left = False

    async def __call__(self, message: Message) -> None:
        """See Send."""
        if self._left:
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._send(message)
        except TimeoutError:
            self._left = True


async def nobody_leaves() -> Message:
    """Receive nothing, not even that the client has gone."""
    await asyncio.Event().wait()
    return {"type": "http.disconnect"}


async def to_nobody(_message: Message) -> None:
    """Send nothing: the client comes back for it."""


def _before(rest: Rest) -> Rest:
    async def go_on(send: Send) -> None:
        await rest(Audience(send))

    return go_on
