"""Deltas: the text of an answer while the model writes it, and its progress. Best effort; the log decides."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

DeltaKind = Literal["text", "promote", "progress"]


@dataclass(frozen=True, slots=True)
class Delta:
    """One entry of a response's delta stream.

    `text`: characters of `stream`, from character `offset` of that stream's text on. `promote`: `stream` is the answer;
    forward it to the client. `progress`: one line for the reasoning panel.
    """

    kind: DeltaKind
    stream: str = ""
    offset: int = 0
    text: str = ""


class DeltaWriter(Protocol):
    """Write side, for stages. Never raises: losing a delta never loses an answer."""

    async def append(self, response_id: str, delta: Delta) -> None:
        """Add one entry. Returns within 250 ms, also while the store is unavailable."""
        ...

    def enqueue(self, response_id: str, delta: Delta) -> None:
        """Add one entry later, without waiting. All entries of a writer keep the order of the calls."""
        ...


class NoDeltas:
    """Port `DeltaWriter` without readers: drops deltas."""

    async def append(self, response_id: str, delta: Delta) -> None:
        pass

    def enqueue(self, response_id: str, delta: Delta) -> None:
        pass


class DeltaReader(Protocol):
    """Read side, for the gateway."""

    def follow(self, response_id: str) -> AbstractAsyncContextManager[AsyncIterator[Delta]]:
        """Subscribe to new entries of one response, in order, each at most once.

        Entering returns at once; an unavailable store yields nothing. A slow reader loses the newest entries first.
        """
        ...

    def replay(self, response_id: str) -> AbstractAsyncContextManager[AsyncIterator[Delta]]:
        """Read the entries of a response from the oldest stored one on, then new ones, without end.

        Entering returns at once; an unavailable store yields nothing and is retried.
        """
        ...
