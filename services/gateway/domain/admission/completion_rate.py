"""The rate at which permits become free, measured by completions."""

WINDOW = 4.0  # completions that count, as a multiple of the requests open at once
LEAST_WINDOW = 16
STALE_S = 300.0  # after so long without a completion, the measurement is too old for the next burst
LOADED = 0.5  # from this part of the open requests on, the measured rate is the capacity


class CompletionRate:
    """Times are seconds of one monotonic clock.

    Measured: the requests that ended while any was open, and the number open then. The mean decays by completions, not
    by seconds, so it follows a fast model within milliseconds and a slow one within minutes. Where few permits were in
    use, the rate of a burst is extrapolated by Little's law: `open / holding time`. The age of open requests bounds it,
    so that a hung model shows before any request ends.
    """

    def __init__(self) -> None:
        self._open = 0
        self._begun_sum = 0.0
        self._changed_at = 0.0
        self._ended_at = 0.0
        self._samples = 0
        self._mean_s = 0.0  # for which a permit is held
        self._completions = 0.0
        self._busy_s = 0.0
        self._held_s = 0.0  # of all permits together

    def started(self, now: float) -> None:
        """Record that a request acquired a permit."""
        self._advance(now)
        self._open += 1
        self._begun_sum += now

    def ended(self, started_at: float, now: float) -> None:
        """Record that a request released its permit, whatever its outcome."""
        self._advance(now)
        if now - self._ended_at > STALE_S:
            self._samples, self._completions = 0, 0.0
            self._busy_s, self._held_s = now - started_at, self._open * now - self._begun_sum
        window = WINDOW * self._held_s / self._busy_s if self._busy_s else LEAST_WINDOW
        if window < LEAST_WINDOW:
            window = LEAST_WINDOW
        self._samples += 1
        self._mean_s += (now - started_at - self._mean_s) / min(self._samples, window)
        weight = 1 - 1 / window
        self._completions = (self._completions + 1) * weight
        self._busy_s *= weight
        self._held_s *= weight
        self._ended_at = now
        self._open -= 1
        self._begun_sum = self._begun_sum - started_at if self._open else 0.0

    def per_s(self, now: float) -> float:
        """Completions per second; 0 without measurements."""
        age_s = now - self._begun_sum / self._open if self._open else 0.0
        if not self._samples or now - self._ended_at > STALE_S or not self._busy_s:
            return self._open / age_s if age_s > 0 else 0.0
        holding_s = max(age_s, self._mean_s)
        if holding_s <= 0:
            return 0.0
        loaded = self._held_s / self._busy_s
        if loaded < self._open * LOADED:
            return self._open / holding_s
        since_s = now - self._changed_at if self._open else 0.0
        return max(loaded / holding_s, self._completions / (self._busy_s + since_s))

    def wait_s(self, before: int, now: float) -> float:
        """Seconds until a request starts that is behind `before` others; 0 without measurements."""
        rate = self.per_s(now)
        return (before + 1) / rate if rate else 0.0

    def _advance(self, now: float) -> None:
        if self._open:
            since_s = now - self._changed_at
            self._busy_s += since_s
            self._held_s += since_s * self._open
        self._changed_at = now
