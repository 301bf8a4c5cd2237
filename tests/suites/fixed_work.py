"""A fixed piece of work, whose CPU time tells how fast a machine is."""

import time
from typing import Final

_ROUNDS: Final = 5
_SIZE: Final = 200_000


def work_cpu_s() -> float:
    """CPU seconds of a fixed piece of work; the fastest round counts."""
    return min(one_work_cpu_s() for _ in range(_ROUNDS))


def one_work_cpu_s() -> float:
    """CPU seconds of the fixed piece of work in this thread, done once: what else the machine does slows it."""
    began = time.thread_time()
    counts: dict[int, int] = {}
    for number in range(_SIZE):
        counts[number % 1000] = counts.get(number % 1000, 0) + len(str(number))
    return time.thread_time() - began
