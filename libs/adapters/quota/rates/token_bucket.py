"""Token bucket arithmetic: a bucket holds one minute's worth and refills steadily."""

from dataclasses import dataclass

WINDOW_S = 60.0
# A gateway draws from the bucket and spends the draw locally. One draw takes at most one part in SHARE of the level:
# near the limit a gateway draws for each request, elsewhere once for dozens of them.
SHARE = 16
LONGEST_DEBT_S = 86_400.0  # longest wait for an estimate; stores drop a bucket after it


@dataclass(frozen=True, slots=True)
class Draw:
    """Grants at least `need`, else nothing.

    `owed` was spent beyond earlier draws and is taken at any level; a negative `owed` is returned.
    """

    limit: int
    need: int = 0
    owed: int = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """`level` is the rest in the bucket, below zero while more was spent than available."""

    granted: int
    level: float


@dataclass(frozen=True, slots=True)
class TokenBucket:
    """`level` at the time `at` (monotonic seconds)."""

    level: float
    at: float

    def filled(self, limit: int, now: float) -> "TokenBucket":
        """The bucket at `now`; a clock that runs backwards adds nothing."""
        return TokenBucket(min(limit, self.level + max(0.0, now - self.at) * limit / WINDOW_S), now)

    def draw(self, draw: Draw, now: float) -> tuple["TokenBucket", Drawn]:
        level = min(draw.limit, self.filled(draw.limit, now).level - draw.owed)
        granted = max(draw.need, int(level) // SHARE) if 0 < draw.need <= level else 0
        return TokenBucket(level - granted, now), Drawn(granted, level - granted)


def seconds_until(level: float, wanted: float, limit: int) -> float:
    """Seconds until a bucket at `level` holds `wanted`, 0 if it already does."""
    return max(0.0, wanted - level) * WINDOW_S / limit
