"""The usual time to the first piece of an answer, learned from the shortest times of a server."""

WINDOW_S = 60.0


class FirstPieceTimes:
    """Times are seconds of one clock.

    The usual time is the shortest of the last minutes. A longer time means a wait or a long prompt; the limit allows
    for prompts by sampling many calls.
    """

    def __init__(self) -> None:
        self._shortest_s = self._before_s = float("inf")
        self._since = 0.0

    def waited_s(self, took_s: float, now: float) -> float:
        """Record a time to the first piece; return its excess over the usual time."""
        if now - self._since > WINDOW_S:
            self._before_s, self._shortest_s = self._shortest_s, float("inf")
            self._since = now
        self._shortest_s = min(self._shortest_s, took_s)
        return took_s - min(self._shortest_s, self._before_s)
