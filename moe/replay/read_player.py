"""Replays recorded reads in their order."""

from collections.abc import Sequence

from libs.core.reads import OMITTED, Read
from libs.runtime.delivery.outcomes import DEADLINE, STAGE


class ReadsExhausted(BaseException):
    """The recorded work was cut off here: it had not read further when it published. No handler catches it."""


class ReadMismatch(BaseException):
    """The work reads another kind than the record shows. No handler catches it."""

    def __init__(self, number: int, wanted: str, found: str) -> None:
        super().__init__(f"read {number}: {wanted}, but {found} was recorded")
        self.number = number
        self.wanted = wanted
        self.found = found


class ReadPlayer:
    """Replays the reads of one message. `sha256` and `deadline` are the runtime's own reads."""

    def __init__(self, reads: Sequence[Read]) -> None:
        self._reads = reads
        self._next = 0
        self.sha256 = str(reads[0].values.get("sha256", "")) if reads and reads[0].kind == STAGE else ""
        if self.sha256:
            self._next = 1

    @property
    def is_omitted(self) -> bool:
        """True if the reads were too large to be recorded."""
        return any(read.kind == OMITTED for read in self._reads)

    @property
    def deadline(self) -> bool | None:
        """True if work had begun when its deadline expired; None if it did not expire."""
        last = self._reads[-1] if self._reads else None
        return bool(last.values.get("begun")) if last is not None and last.kind == DEADLINE else None

    @property
    def number(self) -> int:
        return self._next

    def next(self, kind: str) -> Read:
        """The next read. Raises ReadsExhausted, or ReadMismatch if it is of another kind."""
        if self._next >= len(self._reads) or self._reads[self._next].kind == DEADLINE:
            raise ReadsExhausted
        read = self._reads[self._next]
        if read.kind != kind:
            raise ReadMismatch(self._next, kind, read.kind)
        self._next += 1
        return read
