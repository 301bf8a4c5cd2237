"""Backoff between restarts of a store."""

from dataclasses import dataclass

FIRST_S = 0.2
LONGEST_S = 10.0
STABLE_AFTER_S = 30.0


@dataclass(slots=True)
class Backoff:
    """Doubles while a store keeps failing; resets after a stable run."""

    next_s: float = FIRST_S

    def after(self, lived_s: float) -> float:
        """Seconds to wait after a run of `lived_s` seconds."""
        current = FIRST_S if lived_s >= STABLE_AFTER_S else self.next_s
        self.next_s = min(current * 2, LONGEST_S)
        return current
