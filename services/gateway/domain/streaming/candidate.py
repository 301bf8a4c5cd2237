"""The gapless text of one delta stream."""


class Candidate:
    """Assembles pieces by their offsets. After a gap it accepts none: only the final text can fill it."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._broken = False

    def add(self, offset: int, text: str) -> str:
        """The new part of `text` that continues the known text; empty when there is none."""
        if self._broken or offset < 0 or offset > self._length:
            self._broken = True
            return ""
        new = text[self._length - offset :]
        self._length += len(new)
        return new

    def buffer(self, text: str) -> None:
        """Buffer a piece that `add` returned."""
        self._pieces.append(text)

    def give_up(self) -> None:
        """Accept no further pieces."""
        self._broken = True

    def release(self) -> str:
        """Clears the buffered text."""
        text = "".join(self._pieces)
        self._pieces.clear()
        return text
