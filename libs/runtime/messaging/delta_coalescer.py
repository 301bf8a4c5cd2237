"""Coalesces model tokens into deltas: the first piece at once, then one every 30 ms or 2 kB."""

import asyncio
from types import TracebackType
from typing import Self

from libs.ports.deltas import Delta, DeltaWriter

INTERVAL_S = 0.03
FULL_BYTES = 2048


class DeltaCoalescer:
    """Writes the text of one stream while it is entered. Use it once.

    `feed` never waits, so a slow store never slows a model. A normal exit writes the rest first; an exit with an error
    or a cancellation drops it.
    """

    def __init__(self, writer: DeltaWriter, response_id: str, stream: str) -> None:
        self._writer = writer
        self._response_id = response_id
        self._stream = stream
        self._pieces: list[str] = []
        self._bytes = 0
        self._written = 0
        self._finished = False
        self._news = asyncio.Event()
        self._full = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    def feed(self, text: str) -> None:
        """Add the next piece of text; empty pieces are ignored. Never blocks."""
        if not text:
            return
        self._pieces.append(text)
        self._bytes += len(text) if text.isascii() else len(text.encode(errors="replace"))
        self._news.set()
        if self._bytes >= FULL_BYTES:
            self._full.set()

    async def finish(self) -> None:
        """Write the rest; return when the store has it or its timeout has passed."""
        self._finished = True
        self._news.set()
        self._full.set()
        if self._pump is not None:
            await self._pump

    async def __aenter__(self) -> Self:
        self._pump = asyncio.get_running_loop().create_task(self._run(), name=f"deltas {self._stream}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                await self.finish()
        finally:
            await self._stop()

    async def _run(self) -> None:
        while self._pieces or not self._finished:
            await self._news.wait()
            self._news.clear()
            await self._write()
            if not self._finished:
                await self._pause()

    async def _write(self) -> None:
        text = "".join(self._pieces)
        self._pieces.clear()
        self._bytes = 0
        self._full.clear()
        if text:
            delta = Delta("text", self._stream, self._written, text)
            self._written += len(text)
            await self._writer.append(self._response_id, delta)

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(INTERVAL_S):
                await self._full.wait()
        except TimeoutError:
            return

    async def _stop(self) -> None:
        if self._pump is not None and not self._pump.done():
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
