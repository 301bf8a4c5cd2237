"""The arithmetic of a rate: a bucket that holds one minute's worth and fills up steadily.

A gateway draws from it and spends what it has drawn by itself. What it draws at once is at most one part in `SHARE` of
what is in the bucket, so close to the limit it draws for each request, and elsewhere once for dozens of them.
"""

from dataclasses import dataclass

WINDOW_S = 60.0
SHARE = 16
LONGEST_DEBT_S = 86_400.0  # nobody waits longer for an estimate, and a store forgets a bucket after so long


@dataclass(frozen=True, slots=True)
class Draw:
    """What somebody asks of a bucket: `need` at least, else nothing.

    `owed` was spent beyond what was drawn before and is taken whatever the level; negative: it is given back.
    """

    limit: int
    need: int = 0
    owed: int = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """What came of it. `level` is what is left in the bucket, below zero while more was spent than there was."""

    granted: int
    level: float


@dataclass(frozen=True, slots=True)
class TokenBucket:
    """What was in a bucket at a time (monotonic seconds)."""

    level: float
    at: float

    def filled(self, limit: int, now: float) -> "TokenBucket":
        """Return the bucket as it is at `now`; clocks that run backwards fill nothing."""
        return TokenBucket(min(limit, self.level + max(0.0, now - self.at) * limit / WINDOW_S), now)

    def draw(self, draw: Draw, now: float) -> tuple["TokenBucket", Drawn]:
        """Return the bucket after a draw, and what was granted."""
        level = min(draw.limit, self.filled(draw.limit, now).level - draw.owed)
        granted = max(draw.need, int(level) // SHARE) if 0 < draw.need <= level else 0
        return TokenBucket(level - granted, now), Drawn(granted, level - granted)


def seconds_until(level: float, wanted: float, limit: int) -> float:
    """Return when a bucket that holds `level` now will hold `wanted`."""
    return max(0.0, wanted - level) * WINDOW_S / limit
