"""The clock. Production code asks for the time here, so that tests and replays can set it."""

import time
from typing import Protocol


class Clock(Protocol):
    """Two readings: one that people read, one that intervals are measured with."""

    def now(self) -> float:
        """Return Unix time in seconds."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()
