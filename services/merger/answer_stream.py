"""The judge's text on its way out: shaped, promoted with its first word, and kept whole."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from libs.adapters.models.delta_coalescer import DeltaCoalescer
from libs.core.output_filters import OutputFilter
from libs.ports.deltas import Delta, DeltaWriter


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """What is made of the judge's words: `preface` goes out before the first of them."""

    output_filter: OutputFilter
    preface: str = ""


class AnswerStream:
    """One stream, written while it is entered. A repeated call has a stream of its own, so its `name` is new.

    It is promoted with its first piece, so that a call which fails before it says anything leaves no trace.
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
        """Return exactly what has gone out so far."""
        return "".join(self._pieces)

    async def __aenter__(self) -> Self:
        await self._out.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._out.__aexit__(kind, error, trace)

    async def write(self, raw: str) -> None:
        """Take the next piece from the model."""
        await self._send(self._shaper.feed(raw))

    async def end(self, *, instead_of_nothing: str, note: str) -> None:
        """Send what the shaper still holds, or the given text if there was nothing, then the note."""
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
