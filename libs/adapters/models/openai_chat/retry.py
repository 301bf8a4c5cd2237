"""How often and after what pause a call that has said nothing yet is sent again."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallRetryPolicy:
    """At most `repeats` more attempts, after about `base_s`, then twice that, each with up to half of it as jitter."""

    repeats: int = 2
    base_s: float = 0.1
    longest_s: float = 5.0

    def pause_s(self, repeats_so_far: int, asked_s: float | None) -> float | None:
        """Return the pause before the next attempt, or None when there is to be none.

        A server that asks for more than `longest_s` gets its wish from the caller's own retry, not from us.
        """
        if repeats_so_far >= self.repeats or (asked_s or 0.0) > self.longest_s:
            return None
        backoff = self.base_s * (1 << repeats_so_far) * random.uniform(1.0, 1.5)
        return max(backoff, asked_s or 0.0)
