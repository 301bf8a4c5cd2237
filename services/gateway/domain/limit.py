"""How many requests may be open at once, learned from how long they wait in the queues of the fleet.

The idea is CoDel's (RFC 8289): a queue that is never empty for a whole window is a standing queue, so the smallest wait
of a window decides. Above the target the limit falls by the share of time that was spent waiting (Little's law: that
share of the open requests stood in queues), below it the limit grows while it is used (AIMD). What is unused is
forgotten (RFC 7661): a limit is only as good as the load it was measured at.
"""

from dataclasses import dataclass, field

GROWTH_UNTRIED = 1.25
GROWTH = 1.06
RESTING = 0.95
LEAST_FACTOR, MOST_FACTOR = 0.5, 0.95


@dataclass(frozen=True, slots=True)
class LimitRules:
    """Numbers of requests, except: `target_ms` is the wait that is accepted (0: the limit is the ceiling, always), a
    window lasts `window_s` seconds and has at least `samples` ends.

    `start` holds until something is known, `resting` is kept ready while little happens.
    """

    ceiling: int = 512
    start: int = 256
    resting: int = 128
    floor: int = 16
    target_ms: int = 500
    window_s: float = 0.5
    samples: int = 4


@dataclass(frozen=True, slots=True)
class Ended:
    """A request that ended. Times are seconds of one clock; `waited_ms` is 0 where nobody measured."""

    admitted_at: float
    ended_at: float
    waited_ms: int

    @property
    def lasted_ms(self) -> float:
        return max(1.0, (self.ended_at - self.admitted_at) * 1000)


@dataclass(slots=True)
class _Window:
    began_at: float
    peak: int = 0
    ends: list[Ended] = field(default_factory=list)


class AdaptiveLimit:
    """The limit. Between floor and ceiling at any time."""

    def __init__(self, rules: LimitRules) -> None:
        self._rules = rules
        self._limit = float(min(rules.start, rules.ceiling))
        self._floor = float(min(rules.floor, rules.ceiling))
        self._untried = True
        self._cut_at = float("-inf")
        self._window = _Window(float("-inf"))

    @property
    def value(self) -> int:
        """Return how many requests may be open now."""
        return int(self._limit) if self._rules.target_ms else self._rules.ceiling

    def asked(self, in_flight: int) -> None:
        """Note how many requests are open, counting one that was just admitted or refused."""
        self._window.peak = max(self._window.peak, in_flight)

    def ended(self, end: Ended) -> None:
        """Learn from an end. Those that were admitted before the last cut tell of a queue that is already answered."""
        if end.admitted_at < self._cut_at:
            return
        window = self._window
        if not window.ends:
            window.began_at = end.ended_at
        window.ends.append(end)
        if end.ended_at - window.began_at >= self._rules.window_s and len(window.ends) >= self._rules.samples:
            self._judge(window, end.ended_at)
            self._window = _Window(end.ended_at)

    def _judge(self, window: _Window, now: float) -> None:
        best = min(window.ends, key=lambda end: end.waited_ms)
        if best.waited_ms > self._rules.target_ms:
            self._cut(best, window.peak, now)
        elif window.peak >= self.value or self._limit < self._rules.resting:
            self._grow()
        elif window.peak <= self._limit / 2:
            self._limit = min(self._limit, max(self._rules.resting, 2 * window.peak, self._limit * RESTING))

    def _cut(self, best: Ended, peak: int, now: float) -> None:
        wanted = (best.lasted_ms - best.waited_ms + self._rules.target_ms) / best.lasted_ms
        factor = min(MOST_FACTOR, max(LEAST_FACTOR, wanted))
        self._limit = max(self._floor, min(self._limit, peak) * factor)
        self._cut_at, self._untried = now, False

    def _grow(self) -> None:
        grown = self._limit * GROWTH_UNTRIED if self._untried else self._limit * GROWTH + 1
        self._limit = min(grown, float(self._rules.ceiling))
