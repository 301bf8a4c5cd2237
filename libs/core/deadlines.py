"""Splits the time of a request between its stages."""

RESERVED_SHARE = 0.25
MIN_RESERVE_S = 5.0
MAX_RESERVE_S = 120.0


def parts_due_at(now: float, deadline_at: float) -> float:
    """Unix time by which all parts must arrive, so that the remaining time suffices to merge and check them.

    Reserves a quarter of the remaining time: at least 5 s but never more than half of it, at most 120 s.
    """
    remaining = max(deadline_at - now, 0.0)
    reserve = min(max(remaining * RESERVED_SHARE, MIN_RESERVE_S), MAX_RESERVE_S, remaining / 2)
    return deadline_at - reserve
