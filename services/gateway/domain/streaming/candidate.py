"""The text of one delta stream as far as it is known without a gap."""


class Candidate:
    """Puts pieces together by their offsets. After a gap nothing more is taken: only the final text can tell."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._broken = False

    def add(self, offset: int, text: str) -> str:
        """Return the part of `text` that is new and joins what was there; empty when there is none."""
        if self._broken or offset < 0 or offset > self._length:
            self._broken = True
            return ""
        new = text[self._length - offset :]
        self._length += len(new)
        return new

    def buffer(self, text: str) -> None:
        """Hold back a piece that `add` returned."""
        self._pieces.append(text)

    def give_up(self) -> None:
        """Take nothing more."""
        self._broken = True

    def release(self) -> str:
        """Return what was held back, once."""
        text = "".join(self._pieces)
        self._pieces.clear()
        return text
