"""The queue between the one subscription and the one who follows a response."""

import asyncio
from collections.abc import AsyncIterator

from libs.adapters.valkey.deltas.wire import Entry
from libs.ports.deltas import Delta

FOLLOWER_LIMIT = 1024


class Follower:
    """The entries of one response that wait to be read. Full: the newest are lost, which shows as a gap."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Delta] = asyncio.Queue(FOLLOWER_LIMIT)
        self._last_of: dict[str, int] = {}

    def offer(self, entry: Entry) -> None:
        """Take an entry unless it was taken before."""
        if entry.number <= self._last_of.get(entry.writer, 0):
            return
        self._last_of[entry.writer] = entry.number
        if not self._queue.full():
            self._queue.put_nowait(entry.delta)

    def __aiter__(self) -> AsyncIterator[Delta]:
        return self

    async def __anext__(self) -> Delta:
        return await self._queue.get()
