"""Waiting for a condition on ledgers and intakes, which several of them may share."""

import asyncio
from collections.abc import Callable


class ChangeSignal:
    """Wakes all that wait for a condition whenever it may have become true."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def notify(self) -> None:
        """Have every waiter check its condition."""
        self._changed.set()

    async def until(self, met: Callable[[], bool]) -> None:
        """Wait until `met` holds; it is checked at once and after each `notify`."""
        while not met():
            self._changed.clear()
            await self._changed.wait()
