"""The clock. Production code reads the time here only, so that tests and replays can set it."""

import time
from dataclasses import dataclass
from typing import Protocol

from libs.core.reads import record_read


class Clock(Protocol):
    """Wall-clock time for timestamps, monotonic time for intervals."""

    def now(self) -> float:
        """Unix time in seconds."""
        ...

    def monotonic(self) -> float:
        """Seconds that never decrease."""
        ...


class SystemClock:
    """The clock of the operating system."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass(frozen=True, slots=True)
class RecordedClock:
    """Wraps a clock and records each reading in the running read log."""

    clock: Clock

    def now(self) -> float:
        now = self.clock.now()
        record_read("clock", now=now)
        return now

    def monotonic(self) -> float:
        monotonic = self.clock.monotonic()
        record_read("clock", monotonic=monotonic)
        return monotonic
