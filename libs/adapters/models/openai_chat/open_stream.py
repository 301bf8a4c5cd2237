"""A streamed answer that has begun to arrive."""

import asyncio
from types import TracebackType

from libs.adapters.models.openai_chat.body import bounded_body
from libs.adapters.models.openai_chat.call import Call
from libs.adapters.models.openai_chat.decoder import AnswerDecoder
from libs.adapters.models.openai_chat.exchange import Exchange, WireCut
from libs.ports.llm import Completion

_USAGE_TIMEOUT_S = 2.0  # between the finish reason and the usage that may follow it
_DRAIN_S = 0.1
_DRAIN_READS = 8


class OpenStream:
    """One response that is being read. Leaving the context closes its connection, unless it was read to its end.

    `ended` is true once the last text was returned. `shown`: the caller passes text on as it arrives, so an interrupted
    call cannot be retried.
    """

    def __init__(self, call: Call, exchange: Exchange, idle_timeout_s: float, *, shown: bool) -> None:
        self.ended = False
        self._call = call
        self._exchange = exchange
        self._decoder = AnswerDecoder(call.request)
        self._idle_timeout_s = idle_timeout_s
        self._shown = shown

    async def __aenter__(self) -> "OpenStream":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exchange.release()

    async def read(self) -> str:
        """Return the next text, possibly empty.

        Raises ModelUnavailable or ModelRefused before the first shown text, StreamBroken after it.
        """
        self._decoder.check()
        if self._exchange.kind == "json":  # one object, although the request may have asked for a stream
            return await self._read_whole()
        chunk = await self._next_chunk()
        text = self._decoder.feed(chunk)
        if not chunk or self._decoder.done:
            self.ended = True
            text += self._decoder.close()
        return text

    def completion(self) -> Completion:
        """Call only after `ended`."""
        return self._decoder.completion(self._call.elapsed_s())

    async def drain(self) -> None:
        """Read the rest behind `[DONE]`, so that the connection can be reused."""
        if self._exchange.complete:
            return
        try:
            async with asyncio.timeout(_DRAIN_S):
                for _ in range(_DRAIN_READS):
                    if not await self._exchange.piece():
                        return
        except (WireCut, TimeoutError):  # the connection of a lingering server is closed
            return

    async def _read_whole(self) -> str:
        self.ended = True
        text = self._decoder.feed_whole(await bounded_body(self._call, self._exchange))
        return text + self._decoder.close()

    async def _next_chunk(self) -> bytes:
        """Next bytes, empty at the end. A failure after the finish reason counts as the end."""
        began = self._shown and self._decoder.began
        try:
            async with asyncio.timeout_at(self._usage_timeout()):
                return await self._exchange.piece()
        except (WireCut, TimeoutError) as error:
            if self._decoder.finished:
                return b""
            if isinstance(error, TimeoutError):
                raise (
                    self._call.stalled() if began or self._call.remaining_s() > 0 else self._call.silent()
                ) from error
            raise self._call.cut(str(error), began=began) from error

    def _usage_timeout(self) -> float:
        now = asyncio.get_running_loop().time()
        if self._decoder.finished:
            return min(self._call.deadline, now + _USAGE_TIMEOUT_S)
        return min(self._call.deadline, now + self._idle_timeout_s) if self._decoder.began else self._call.deadline
