"""Cost of a hanging store for its writers."""

import asyncio

from libs.adapters.valkey.deltas import ValkeyDeltaWriter
from libs.adapters.valkey.deltas.connection import Word
from libs.ports.deltas import Delta
from libs.testing.fake_clock import run_jumping


class HangingLine:
    """A connection to a store that answers once, and then never again."""

    def __init__(self) -> None:
        self._answers = 1

    async def open(self) -> None:
        """It takes connections as before."""

    async def call_on_streams(self, commands: list[tuple[Word, ...]]) -> list[object]:
        if not self._answers:
            await asyncio.Event().wait()
        self._answers -= 1
        return []

    async def call(self, commands: list[tuple[Word, ...]]) -> list[object]:
        return await self.call_on_streams(commands)

    async def close(self) -> None:
        """There is nothing to close."""


async def written(count: int) -> list[float]:
    writer = ValkeyDeltaWriter("redis://127.0.0.1:9/0")
    writer._line = HangingLine()  # type: ignore[assignment]  # all that it uses of a connection
    times = []
    async with writer:
        for number in range(count):
            await writer.append("r1", Delta("text", "p1.ab", number, "x"))
            times.append(asyncio.get_running_loop().time())
    return times


def test_a_store_that_hangs_costs_250_ms_once_and_then_nothing() -> None:
    assert set(run_jumping(written(1000))) == {0.25}
