"""Who is still here: what a desk of a gateway that stops waits for."""

import asyncio
from collections.abc import Callable

CLOSING_S = 0.5


class InFlightTracker:
    """Counts who comes and goes. Costs no round of the event loop."""

    __slots__ = ("_empty", "_here")

    def __init__(self) -> None:
        self._here = 0
        self._empty = asyncio.Event()
        self._empty.set()

    def enter(self) -> None:
        """Count one more."""
        self._here += 1
        self._empty.clear()

    def exit(self) -> None:
        """Count one less."""
        self._here -= 1
        if not self._here:
            self._empty.set()

    async def wait_idle(self, timeout_s: float) -> bool:
        """Wait until nobody is here any more; return whether that happened in time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True

    async def drain(self, grace_s: float, end_the_rest: Callable[[], None]) -> None:
        """Let all leave for `grace_s` seconds, then end the rest. Returns at most half a second after the grace."""
        if not await self.wait_idle(grace_s):
            end_the_rest()
            await self.wait_idle(CLOSING_S)
