"""How long the first piece of an answer usually takes at a server that is not busy: the shortest time of the last
minutes. What takes longer has waited, or had a long prompt, which the limit allows for by looking at many."""

WINDOW_S = 60.0


class FirstPieceTimes:
    """Times are seconds of one clock."""

    def __init__(self) -> None:
        self._shortest_s = self._before_s = float("inf")
        self._since = 0.0

    def waited_s(self, took_s: float, now: float) -> float:
        """Return for how long a call waited whose first piece took so long."""
        if now - self._since > WINDOW_S:
            self._before_s, self._shortest_s = self._shortest_s, float("inf")
            self._since = now
        self._shortest_s = min(self._shortest_s, took_s)
        return took_s - min(self._shortest_s, self._before_s)
