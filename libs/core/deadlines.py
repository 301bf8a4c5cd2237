"""How the time of a request is shared out between its stages."""

RESERVED_SHARE = 0.25
MIN_RESERVE_S = 5.0
MAX_RESERVE_S = 120.0


def parts_due_at(now: float, deadline_at: float) -> float:
    """Return the Unix time by which the parts must be in, so that an answer can still be made from them.

    A quarter of the remaining time is reserved for merging and checking: at least 5 s but never more than half of
    what is left, at most 120 s.
    """
    remaining = max(deadline_at - now, 0.0)
    reserve = min(max(remaining * RESERVED_SHARE, MIN_RESERVE_S), MAX_RESERVE_S, remaining / 2)
    return deadline_at - reserve
