"""The clock. Production code asks for the time here, so that tests and replays can set it."""

import time
from dataclasses import dataclass
from typing import Protocol

from libs.core.reads import record_read


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


@dataclass(frozen=True, slots=True)
class RecordedClock:
    """Another clock, whose readings go on the tape of whoever reads them."""

    clock: Clock

    def now(self) -> float:
        now = self.clock.now()
        record_read("clock", now=now)
        return now

    def monotonic(self) -> float:
        monotonic = self.clock.monotonic()
        record_read("clock", monotonic=monotonic)
        return monotonic
