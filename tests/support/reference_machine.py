"""Time limits of work: in seconds of the reference machine, scaled if this one is slower."""

import time
from collections.abc import Callable

TRIES = 3
_PLAIN_S = 0.0007  # what `_plain` took there


def taken(work: Callable[[], object]) -> float:
    """Duration of some work: the best of a few tries, in time of this process alone."""
    return min(_once(work) for _ in range(TRIES))


def allowed(seconds: float) -> float:
    """Time on this machine, in its current state, of work that takes so many seconds on the reference machine."""
    return seconds * max(1.0, taken(_plain) / _PLAIN_S)


def _once(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _plain() -> int:
    total = 0
    for number in range(20_000):
        total += number * number
    return total
