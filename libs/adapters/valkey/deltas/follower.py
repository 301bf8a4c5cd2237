"""Queue between the one subscription and a reader of one response."""

import asyncio
from collections.abc import AsyncIterator

from libs.adapters.valkey.deltas.wire import Entry
from libs.ports.deltas import Delta

FOLLOWER_LIMIT = 1024


class Follower:
    """Unread entries of one response. A full queue drops the newest entries, which shows as a gap."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Delta] = asyncio.Queue(FOLLOWER_LIMIT)
        self._last_of: dict[str, int] = {}

    def offer(self, entry: Entry) -> None:
        """Queue an entry; duplicates are ignored."""
        if entry.number <= self._last_of.get(entry.writer, 0):
            return
        self._last_of[entry.writer] = entry.number
        if not self._queue.full():
            self._queue.put_nowait(entry.delta)

    def __aiter__(self) -> AsyncIterator[Delta]:
        return self

    async def __anext__(self) -> Delta:
        return await self._queue.get()
