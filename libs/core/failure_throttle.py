"""Limits failures per name with token buckets in bounded memory. Pure; `now` is monotonic seconds."""

from collections import OrderedDict

WINDOW_S = 60.0
MOST_NAMES = 10_000


class FailureThrottle:
    """At most `per_minute` failures per name, as a burst and per minute.

    Evicts the names with the oldest failures first, so that memory stays bounded under attack.
    """

    def __init__(self, per_minute: int, most_names: int = MOST_NAMES) -> None:
        self._per_minute = per_minute
        self._most_names = most_names
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def record_failure(self, name: bytes, now: float) -> float:
        """0, or the seconds until the next failure of that name gets a full response."""
        level, at = self._buckets.pop(name, (float(self._per_minute), now))
        level = min(float(self._per_minute), level + max(0.0, now - at) * self._per_minute / WINDOW_S)
        allowed = level >= 1
        self._buckets[name] = (level - 1 if allowed else level), now
        if len(self._buckets) > self._most_names:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - level) * WINDOW_S / self._per_minute
