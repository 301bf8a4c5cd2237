"""Counter of in-flight requests, for the drain of a gateway that stops."""

import asyncio
from collections.abc import Callable

CLOSING_S = 0.5


class InFlightTracker:
    """`enter` and `exit` are synchronous and never yield."""

    __slots__ = ("_empty", "_here")

    def __init__(self) -> None:
        self._here = 0
        self._empty = asyncio.Event()
        self._empty.set()

    def enter(self) -> None:
        self._here += 1
        self._empty.clear()

    def exit(self) -> None:
        self._here -= 1
        if not self._here:
            self._empty.set()

    async def wait_idle(self, timeout_s: float) -> bool:
        """False on timeout."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True

    async def drain(self, grace_s: float, end_the_rest: Callable[[], None]) -> None:
        """Wait `grace_s` seconds for all to exit, then end the rest. Returns at most half a second after the grace."""
        if not await self.wait_idle(grace_s):
            end_the_rest()
            await self.wait_idle(CLOSING_S)
