"""Serialization of parallel tool calls, for protocols in which a call must end before the next one begins."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from services.gateway.domain.body.outside_json import outside_object

Spoken = Literal["reasoning", "content"]
Step: TypeAlias = tuple[Literal["begin", "more", "end"] | Spoken, "QueuedCall", str]


@dataclass(slots=True)
class QueuedCall:
    """The known part of a call. `index` counts calls from 0; text in `spoken` arrived meanwhile and is sent after its
    end."""

    index: int
    id: str
    name: str
    fragments: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    spoken: list[tuple[Spoken, str]] = field(default_factory=list)

    @property
    def arguments(self) -> str:
        """The arguments sent so far, as JSON text."""
        return "".join(self.fragments)


class CallQueue:
    """Servers may mix the pieces of parallel calls, and send text between them. A call or a text that arrives while the
    arguments of another call are incomplete JSON waits for that call."""

    def __init__(self) -> None:
        self.calls: list[QueuedCall] = []
        self._open = 0

    @property
    def is_open(self) -> bool:
        """True while a call has begun and not ended: until then only its arguments can be sent."""
        return self._open < len(self.calls)

    def speak(self, kind: Spoken, text: str) -> Iterator[Step]:
        """Queue text that arrives while a call is open; yield the steps to send now."""
        spoken = self.calls[self._open].spoken
        spoken.append((kind, text))
        if len(spoken) == 1:  # else only the next piece of arguments can complete them
            yield from self._onwards()

    def begin(self, call_id: str, name: str) -> Iterator[Step]:
        """Queue a call; yield the steps to send now."""
        call = QueuedCall(len(self.calls), call_id, name)
        self.calls.append(call)
        if call.index == self._open:
            yield "begin", call, ""
        else:
            yield from self._onwards()

    def more(self, index: int, fragment: str) -> Iterator[Step]:
        """Queue a piece of arguments; yield the steps to send now."""
        call = self.calls[index]
        if index != self._open:
            call.waiting.append(fragment)
            return
        call.fragments.append(fragment)
        yield "more", call, fragment
        yield from self._onwards()

    def finish(self) -> Iterator[Step]:
        """Yield all remaining steps; call it after the last piece."""
        while self.is_open:
            yield from self._next()

    def _onwards(self) -> Iterator[Step]:
        while self._is_awaited and is_whole(self.calls[self._open].arguments):
            yield from self._next()

    @property
    def _is_awaited(self) -> bool:
        behind = len(self.calls) - 1 - self._open
        return behind > 0 or (behind == 0 and bool(self.calls[self._open].spoken))

    def _next(self) -> Iterator[Step]:
        ended = self.calls[self._open]
        yield "end", ended, ""
        for kind, text in ended.spoken:
            yield kind, ended, text
        self._open += 1
        if not self.is_open:
            return
        call = self.calls[self._open]
        yield "begin", call, ""
        for fragment in call.waiting:
            call.fragments.append(fragment)
            yield "more", call, fragment


def is_whole(arguments: str) -> bool:
    """True when the arguments of a call are a complete JSON object."""
    if not arguments.rstrip().endswith("}"):  # avoids a parse of a long text for each piece
        return False
    return outside_object(arguments) is not None
