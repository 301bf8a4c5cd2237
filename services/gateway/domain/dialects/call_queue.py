"""Tool calls one after the other, for protocols in which a call must end before the next one begins."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Step: TypeAlias = tuple[Literal["begin", "more", "end"], "QueuedCall", str]


@dataclass(slots=True)
class QueuedCall:
    """A call as far as it is known. `index` counts calls from 0."""

    index: int
    id: str
    name: str
    told: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    @property
    def arguments(self) -> str:
        """Return what was told of the arguments so far, as JSON text."""
        return "".join(self.told)


class CallQueue:
    """Servers may mix the pieces of parallel calls. A call that comes while the arguments of another one are not
    complete JSON waits for it."""

    def __init__(self) -> None:
        self.calls: list[QueuedCall] = []
        self._open = 0

    def begin(self, call_id: str, name: str) -> Iterator[Step]:
        """Note a call; yield what can be told now."""
        call = QueuedCall(len(self.calls), call_id, name)
        self.calls.append(call)
        if call.index == self._open:
            yield "begin", call, ""
        else:
            yield from self._onwards()

    def more(self, index: int, fragment: str) -> Iterator[Step]:
        """Note a piece of arguments; yield what can be told now."""
        call = self.calls[index]
        if index != self._open:
            call.waiting.append(fragment)
            return
        call.told.append(fragment)
        yield "more", call, fragment
        yield from self._onwards()

    def finish(self) -> Iterator[Step]:
        """Yield all that is left: no piece comes any more."""
        while self._open < len(self.calls):
            yield from self._next()

    def _onwards(self) -> Iterator[Step]:
        while self._open < len(self.calls) - 1 and _is_whole(self.calls[self._open].arguments):
            yield from self._next()

    def _next(self) -> Iterator[Step]:
        yield "end", self.calls[self._open], ""
        self._open += 1
        if self._open == len(self.calls):
            return
        call = self.calls[self._open]
        yield "begin", call, ""
        for fragment in call.waiting:
            call.told.append(fragment)
            yield "more", call, fragment


def _is_whole(arguments: str) -> bool:
    try:
        json.loads(arguments)
    except ValueError:
        return False
    return True
