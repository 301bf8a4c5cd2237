"""For how long a client of a stream has been sent nothing: what keep-alive bytes are timed by, on every path."""

import asyncio


class Silence:
    """Measured from the last byte sent, so that it never lasts longer than `interval_s`. Times are the loop's."""

    __slots__ = ("_interval_s", "_loop", "_since")

    def __init__(self, interval_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._interval_s = interval_s

    def end(self) -> None:
        """Note that something was sent, or that it is being sent now."""
        self._since = self._loop.time()

    @property
    def ends_at(self) -> float:
        """Return by when something has to be sent."""
        return self._since + self._interval_s

    @property
    def is_over(self) -> bool:
        """Whether that is now."""
        return self._loop.time() >= self.ends_at

    async def last(self) -> None:
        """Wait until something has to be sent, however often something is sent meanwhile."""
        while not self.is_over:  # noqa: ASYNC110 - time that passes, not an event
            await asyncio.sleep(self.ends_at - self._loop.time())
