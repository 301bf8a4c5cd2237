"""Time since the last byte sent to a streaming client, the clock of keep-alives on every path."""

import asyncio


class Silence:
    """Measured from the last byte sent, so that it never exceeds `interval_s`. Times are the loop's."""

    __slots__ = ("_interval_s", "_loop", "_since")

    def __init__(self, interval_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._interval_s = interval_s

    def end(self) -> None:
        """Record that bytes were sent or are being sent now."""
        self._since = self._loop.time()

    @property
    def ends_at(self) -> float:
        """The time by which bytes must be sent."""
        return self._since + self._interval_s

    @property
    def is_over(self) -> bool:
        return self._loop.time() >= self.ends_at

    async def last(self) -> None:
        """Wait until bytes must be sent, however often `end` is called meanwhile."""
        while not self.is_over:  # noqa: ASYNC110 - time that passes, not an event
            await asyncio.sleep(self.ends_at - self._loop.time())
