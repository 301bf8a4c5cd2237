"""How many requests may be open at once, learned from how long they wait in the queues of the fleet.

The idea is CoDel's (RFC 8289): a queue that is never empty for a whole window is a standing queue, so the smallest wait
of a window tells whether there is one. How far to go is Little's law: of a request that met `n` open ones and waited
for a part of its time, that part of `n` stood in queues, and the rest is what the fleet works on at once. Each change
is judged by requests that were admitted after it. What is unused is forgotten (RFC 7661): a limit is only as good as
the load it was measured at.
"""

from dataclasses import dataclass, field
from statistics import median

GROWTH = 1.25
FORGETTING = 0.95
LEAST_FACTOR = 0.3
NEAR = 0.75
CALM = 4  # a wait below this part of the target tells nothing about how much more would fit


@dataclass(frozen=True, slots=True)
class AdaptiveLimitConfig:
    """Numbers of requests, except: `target_ms` is the wait that is accepted (0: the limit is the ceiling, always), a
    window lasts `window_s` seconds and has at least `samples` ends.

    `start` holds until something is known, and again after a while in which less was needed.
    """

    ceiling: int = 512
    start: int = 64
    floor: int = 8
    target_ms: int = 500
    window_s: float = 0.5
    samples: int = 4


@dataclass(frozen=True, slots=True)
class FinishedRequest:
    """A request that ended. Times are seconds of one clock; `met` counts the open requests when it came, `left` those
    when it ended, itself included; `waited_ms` is 0 where nobody measured."""

    admitted_at: float
    ended_at: float
    met: int
    waited_ms: int
    left: int = 0

    def room(self, target_ms: int) -> float:
        """Return the factor by which more could have been open for it to wait for the target."""
        lasted_ms = max(1.0, (self.ended_at - self.admitted_at) * 1000)
        return (max(0.0, lasted_ms - self.waited_ms) + target_ms) / lasted_ms

    def fitting(self, target_ms: int) -> float:
        """Return how many open requests would have made it wait for the target."""
        most = max(self.met, self.left)  # in a burst, who comes first waits because of those who come after it
        return most * self.room(target_ms)


@dataclass(slots=True)
class _Window:
    """`loaded` are the ends of requests that met at least half of the limit."""

    peak: int = 0
    short: bool = False
    count: int = 0
    first_at: float = 0.0
    loaded: list[FinishedRequest] = field(default_factory=list)


class AdaptiveLimit:
    """The limit. Between floor and ceiling at any time."""

    def __init__(self, config: AdaptiveLimitConfig) -> None:
        self._rules = config
        self._limit = float(min(config.start, config.ceiling))
        self._start = self._limit
        self._floor = float(min(config.floor, config.ceiling))
        self._knee = float("inf")  # where a queue stood last: from here on, a whole step is too far
        self._has_stepped = False  # the last change was upwards: a queue that stands then is answered at once
        self._changed_at = float("-inf")
        self._window = _Window()

    @property
    def value(self) -> int:
        """Return how many requests may be open now."""
        return int(self._limit) if self._rules.target_ms else self._rules.ceiling

    def admitted(self, in_flight: int) -> None:
        """Note how many requests are open, counting the one that was just admitted."""
        self._window.peak = max(self._window.peak, in_flight)

    def refused(self) -> None:
        """Note that somebody found no place."""
        self._window.short = True

    def is_settled(self, met: int) -> bool:
        """Return whether a request that met so many teaches nothing when it ends: the limit is where it starts, and few
        are open."""
        window = self._window
        return met < self._limit / 2 and self._limit == self._start and not (window.count or window.short)

    def ended(self, end: FinishedRequest) -> None:
        """Learn from an end. Those that were admitted before the last change tell nothing about it."""
        if end.admitted_at < self._changed_at:
            return
        window = self._window
        if not window.count:
            window.first_at = end.ended_at
        window.count += 1
        if end.met >= self._limit / 2:
            window.loaded.append(end)
        if window.count >= self._rules.samples and self._is_whole(window, end.ended_at - window.first_at):
            self._set(self._judged(window), end.ended_at)
            self._window = _Window()

    def _is_whole(self, window: _Window, lasted_s: float) -> bool:
        """A window has to be as long as a request lasts where its queue may be a burst, and not of our own making."""
        if lasted_s < self._rules.window_s:
            return False
        loaded = window.loaded
        if self._has_stepped or not loaded or min(end.waited_ms for end in loaded) <= self._rules.target_ms:
            return True
        return lasted_s >= median(end.ended_at - end.admitted_at for end in loaded)

    def _judged(self, window: _Window) -> float:
        """Return the limit that a window speaks for."""
        loaded = window.loaded
        if not loaded:
            return self._at_rest(window)
        target_ms = self._rules.target_ms
        least_ms = min(end.waited_ms for end in loaded)
        fitting = median(end.fitting(target_ms) for end in loaded)
        if least_ms > target_ms and len(loaded) >= self._rules.samples:  # one that waited may have met a burst
            self._knee = max(min(self._limit, fitting), self._limit * LEAST_FACTOR)
            return self._knee
        return self._grown(loaded, fitting) if window.short else self._limit

    def _grown(self, loaded: list[FinishedRequest], fitting: float) -> float:
        """Return the next limit to try, after one that was nearly reached."""
        near = [end for end in loaded if end.met > self._limit * NEAR]
        if not near:
            return self._limit
        if self._limit > self._knee * GROWTH:
            self._knee = float("inf")  # the fleet has grown
        more, target_ms = self._limit * GROWTH + 1, self._rules.target_ms
        if median(end.waited_ms for end in near) * CALM >= target_ms:
            return max(self._limit, min(more, fitting))
        return more if more < self._knee else min(more, self._limit * median(end.room(target_ms) for end in near))

    def _at_rest(self, window: _Window) -> float:
        """Return to what is kept ready while little happens, from both sides."""
        if self._limit < self._start:
            return min(self._start, self._limit * GROWTH + 1)
        return min(self._limit, max(self._start, self._limit * FORGETTING, 2.0 * window.peak))

    def _set(self, limit: float, now: float) -> None:
        limit = min(float(self._rules.ceiling), max(self._floor, limit))
        if limit != self._limit:
            self._has_stepped = limit > self._limit
            self._limit, self._changed_at = limit, now
