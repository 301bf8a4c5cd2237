"""The stream of a judge's answer: filtered, promoted with its first piece, and collected."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from libs.core.output_filters import OutputFilter
from libs.core.resource import Resource
from libs.ports.deltas import Delta, DeltaWriter
from libs.runtime.messaging.delta_coalescer import DeltaCoalescer


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """How the judge's text is formatted: `preface` precedes the first piece."""

    output_filter: OutputFilter
    preface: str = ""


class AnswerStream(Resource):
    """One answer stream, open while the context is entered. A repeated call needs a new `name`.

    The first piece promotes the stream, so that a call that fails before any text leaves no trace.
    """

    def __init__(self, writer: DeltaWriter, response_id: str, name: str, shaping: OutputFormat) -> None:
        self._writer = writer
        self._response_id = response_id
        self._shaper, self._preface = shaping.output_filter, shaping.preface
        self._name = name
        self._out = DeltaCoalescer(writer, response_id, self._name)
        self._pieces: list[str] = []

    @property
    def text(self) -> str:
        """The text that was sent so far, exactly."""
        return "".join(self._pieces)

    async def _enter(self, stack: AsyncExitStack) -> None:
        await stack.enter_async_context(self._out)

    async def write(self, raw: str) -> None:
        await self._send(self._shaper.feed(raw))

    async def end(self, *, instead_of_nothing: str, note: str) -> None:
        """Flush the filter, send `instead_of_nothing` if no text was sent, then send the note."""
        await self._send(self._shaper.finish())
        if not self._pieces:
            await self._send(instead_of_nothing)
        await self._send(f"\n\n{note}" if note else "")

    async def _send(self, text: str) -> None:
        if not self._pieces:
            text = text.lstrip()
        if not text:
            return
        if not self._pieces:
            await self._writer.append(self._response_id, Delta("promote", self._name))
            text = self._preface + text
        self._pieces.append(text)
        self._out.feed(text)
