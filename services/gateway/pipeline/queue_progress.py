"""The beginning of the stream of a waiting request: its head, then its queue position at each change."""

import asyncio

from starlette.requests import ClientDisconnect
from starlette.types import Message, Send

from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.direct.writers import FramesWriter
from services.gateway.dialects.queue_position import position_frame
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.reply import ReplyHead
from services.gateway.http.responses import start_stream

WRITE_S = 5.0  # a client that reads no position for so long would not read its answer


class QueueProgress:
    """`send` replaces the `send` of the request, so that the later answer can begin its stream as usual. An unchanged
    position is repeated after `repeat_s`, so that the connection is never silent for longer."""

    def __init__(self, dialect: Dialect, head: ReplyHead, send: Send, repeat_s: float) -> None:
        self.begun = False
        self.repeat_s = repeat_s
        self._dialect = dialect
        self._head = head
        self._send = send

    async def report(self, position: int) -> None:
        """Raises ClientDisconnect when the client does not read the position within WRITE_S."""
        try:
            async with asyncio.timeout(WRITE_S):
                await self._begin()
                await self._write(position_frame(self._dialect, self._head, position), more=True)
        except TimeoutError as error:
            raise ClientDisconnect from error

    async def send(self, message: Message) -> None:
        """Drop the head of a response that has begun."""
        if not (self.begun and message["type"] == "http.response.start"):
            await self._send(message)

    async def fail(self, error: ApiError) -> None:
        """End a stream that has begun with an error event."""
        await self._write(FramesWriter(self._dialect.frames(self._head)).error(error), more=False)

    async def _begin(self) -> None:
        if not self.begun:
            self.begun = True
            await start_stream(self._send, self._dialect.stream_type, self._head.id)

    async def _write(self, data: bytes, *, more: bool) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": more})
