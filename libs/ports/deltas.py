"""Deltas: the text of an answer while it is written, and the progress around it. Best effort; the log decides."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

DeltaKind = Literal["text", "promote", "progress"]


@dataclass(frozen=True, slots=True)
class Delta:
    """One entry of a response's delta stream.

    `text`: characters of `stream` beginning at character `offset` of that stream's text.
    `promote`: `stream` is the answer, pipe it through. `progress`: one line for the reasoning panel.
    """

    kind: DeltaKind
    stream: str = ""
    offset: int = 0
    text: str = ""


class DeltaWriter(Protocol):
    """Where stages write. Losing a delta never loses an answer, so nothing here raises."""

    async def append(self, response_id: str, delta: Delta) -> None:
        """Add one entry. Returns within 250 ms, also when the store is away."""
        ...


class DeltaReader(Protocol):
    """Where the gateway reads."""

    def follow(self, response_id: str) -> AbstractAsyncContextManager[AsyncIterator[Delta]]:
        """Subscribe to the entries of one response, from now on, in order, each at most once.

        Entering returns at once; a store that is away yields nothing. A slow reader loses the newest entries first.
        """
        ...

    def replay(self, response_id: str) -> AbstractAsyncContextManager[AsyncIterator[Delta]]:
        """Read the entries of any response from the first one that is kept, then the new ones, without end.

        Entering returns at once; a store that is away yields nothing, and is asked again.
        """
        ...
