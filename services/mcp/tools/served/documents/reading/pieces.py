"""Text that is gathered piece by piece and cut at a limit."""

from collections.abc import Iterable


class Gathered:
    """At most `limit` characters; `full` once more arrived."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._pieces: list[str] = []
        self.full = False

    def add(self, text: str) -> None:
        self.full = self.full or len(text) > self._left
        if self._left:
            self._pieces.append(text[: self._left])
            self._left -= len(self._pieces[-1])

    def add_all(self, texts: Iterable[str]) -> int:
        """Add texts up to the limit; return the number of texts read."""
        looked_at = 0
        for text in texts:
            self.add(text)
            looked_at += 1
            if self.full:
                break
        return looked_at

    def text(self) -> str:
        return "".join(self._pieces)
