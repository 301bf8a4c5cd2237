"""The tests that wait for long on a quiet machine too, each with its limit and its reason."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LongWait:
    """A pattern of test names, how long they may wait, and why no sooner fact is there to wait for."""

    tests: str
    limit_s: float
    reason: str


LONG_WAITS: tuple[LongWait, ...] = ()
