"""Retry policy of a call that has returned no text yet."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallRetryPolicy:
    """At most `repeats` retries, after about `base_s`, then twice that, each with up to half of it as jitter."""

    repeats: int = 2
    base_s: float = 0.1
    longest_s: float = 5.0

    def pause_s(self, repeats_so_far: int, asked_s: float | None) -> float | None:
        """Pause before the next attempt, None for no further attempt.

        A server that requests more than `longest_s` is left to the caller's own retry.
        """
        if repeats_so_far >= self.repeats or (asked_s or 0.0) > self.longest_s:
            return None
        backoff = self.base_s * (1 << repeats_so_far) * random.uniform(1.0, 1.5)
        return max(backoff, asked_s or 0.0)
