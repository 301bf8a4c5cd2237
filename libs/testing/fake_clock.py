"""Time under test control: a clock that moves on request, and a loop that jumps to its next timer."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
TEST_TIME_S = 1_760_000_000.0


class FakeClock:
    """Only `advance` moves both readings, and together; `step` sets wall-clock time."""

    def __init__(self, now_s: float = TEST_TIME_S) -> None:
        self._now_s = now_s
        self._stepped_s = 0.0

    def now(self) -> float:
        return self._now_s + self._stepped_s

    def monotonic(self) -> float:
        return self._now_s

    def advance(self, seconds: float) -> None:
        """Timers of the event loop do not notice: see `JumpingLoop` for those."""
        self._now_s += seconds

    def step(self, seconds: float) -> None:
        """Set the wall clock, as NTP or an operator does; monotonic time stays."""
        self._stepped_s += seconds


class LoopClock:
    """Reads the time of the running loop; on a `JumpingLoop`, clock and timers agree without real waiting."""

    def __init__(self, start_s: float = TEST_TIME_S) -> None:
        self._start_s = start_s
        self._skipped_s = 0.0

    def now(self) -> float:
        return self._start_s + self.monotonic()

    def monotonic(self) -> float:
        return self._skipped_s + asyncio.get_running_loop().time()

    def skip(self, seconds: float) -> None:
        """Advance the time without firing a timer, as a long computation does."""
        self._skipped_s += seconds

    def step(self, seconds: float) -> None:
        """Set the wall clock, as NTP or an operator does; monotonic time stays."""
        self._start_s += seconds


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("nothing can ever happen again: everybody waits and no timer is set")
        self.now_s += max(timeout, 0.0)
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    """Starts at time zero and advances only while every task waits.

    Not for threads and sockets: it would outrun them.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_s


def run_jumping(scenario: Coroutine[Any, Any, T]) -> T:
    """Run a scenario on a new `JumpingLoop`."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(scenario)
