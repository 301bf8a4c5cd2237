"""In-memory deltas with the guarantees of the store, for tests and for a fleet in one process."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from libs.ports.deltas import Delta

FOLLOWER_LIMIT = 1024


class FakeDeltas:
    """Writer and reader in one. `away` simulates an unavailable store.

    `written` holds the appended entries, by response id.
    """

    def __init__(self) -> None:
        self.away = False
        self.written: defaultdict[str, list[Delta]] = defaultdict(list)
        self._followers: defaultdict[str, list[asyncio.Queue[Delta]]] = defaultdict(list)

    async def append(self, response_id: str, delta: Delta) -> None:
        """Fails while the store is away."""
        self.enqueue(response_id, delta)

    def enqueue(self, response_id: str, delta: Delta) -> None:
        """Fails while the store is away."""
        if self.away:
            return
        self.written[response_id].append(delta)
        for queue in self._followers.get(response_id, ()):
            if not queue.full():
                queue.put_nowait(delta)

    @asynccontextmanager
    async def follow(self, response_id: str) -> AsyncIterator[AsyncIterator[Delta]]:
        """Yield the entries of one response from now on."""
        queue: asyncio.Queue[Delta] = asyncio.Queue(FOLLOWER_LIMIT)
        self._followers[response_id].append(queue)
        try:
            yield _entries(queue)
        finally:
            self._followers[response_id].remove(queue)
            if not self._followers[response_id]:
                del self._followers[response_id]

    @asynccontextmanager
    async def replay(self, response_id: str) -> AsyncIterator[AsyncIterator[Delta]]:
        """Yield the entries of one response from the first one on."""
        past = list(self.written.get(response_id, ()))
        async with self.follow(response_id) as present:
            yield _chained(past, present)

    def following(self) -> frozenset[str]:
        """Responses with an active follower."""
        return frozenset(self._followers)

    def text(self, response_id: str, stream: str) -> str:
        """Written text of one stream."""
        return "".join(d.text for d in self.written[response_id] if d.kind == "text" and d.stream == stream)


async def _chained(past: list[Delta], present: AsyncIterator[Delta]) -> AsyncIterator[Delta]:
    for delta in past:
        yield delta
    async for delta in present:
        yield delta


async def _entries(queue: asyncio.Queue[Delta]) -> AsyncIterator[Delta]:
    while True:
        yield await queue.get()
