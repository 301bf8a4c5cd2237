"""Reads the stream of one response from its first entry, on its own connection."""

import asyncio
from collections.abc import AsyncGenerator

from libs.adapters.valkey.client import STORE_UNAVAILABLE
from libs.adapters.valkey.deltas.connection import Line
from libs.adapters.valkey.deltas.wire import stream_key, unpack
from libs.ports.deltas import Delta

WAIT_MS = 1000
COUNT = 256
PAUSE_S = 0.5


class StreamReplay:
    """Yields every stored entry, then every new one, in order. Yields nothing while the store is unavailable."""

    def __init__(self, url: str, response_id: str) -> None:
        self._line = Line(url)
        self._key = stream_key(response_id)
        self._last: str | bytes = "0"

    async def entries(self) -> AsyncGenerator[Delta, None]:
        """Never ends; call `close` afterwards."""
        while True:
            for delta in await self._next():
                yield delta

    async def close(self) -> None:
        await self._line.close()

    async def _next(self) -> list[Delta]:
        try:
            await self._line.open()
            command = ("XREAD", "COUNT", COUNT, "BLOCK", WAIT_MS, "STREAMS", self._key, self._last)
            (reply,) = await self._line.call([command])
        except STORE_UNAVAILABLE:
            await self._line.close()
            await asyncio.sleep(PAUSE_S)
            return []
        return self._taken(reply)

    def _taken(self, reply: object) -> list[Delta]:
        match reply:
            case [[_, list(rows)]]:
                deltas = [self._delta(row) for row in rows]
                return [delta for delta in deltas if delta is not None]
            case _:
                return []

    def _delta(self, row: object) -> Delta | None:
        match row:
            case [bytes(entry_id), [_, bytes(data)]]:
                self._last = entry_id
                entry = unpack(data)
                return None if entry is None else entry.delta
            case _:
                return None
