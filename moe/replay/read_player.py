"""Playing a tape: what was read is read again, in the same order."""

from collections.abc import Sequence

from libs.core.reads import OMITTED, Read
from libs.runtime.delivery.outcomes import DEADLINE, STAGE


class ReadsExhausted(BaseException):
    """The recorded work was cut off here: it had not read more when it said what it said. No handler catches it."""


class ReadMismatch(BaseException):
    """The work reads something else than the record says that it read. No handler catches it."""

    def __init__(self, number: int, wanted: str, found: str) -> None:
        super().__init__(f"read {number}: {wanted}, but {found} was recorded")
        self.number = number
        self.wanted = wanted
        self.found = found


class ReadPlayer:
    """Plays one tape. What the runtime wrote on it, stage and deadline, is told by `sha256` and `deadline`."""

    def __init__(self, reads: Sequence[Read]) -> None:
        self._reads = reads
        self._next = 0
        self.sha256 = str(reads[0].values.get("sha256", "")) if reads and reads[0].kind == STAGE else ""
        if self.sha256:
            self._next = 1

    @property
    def is_omitted(self) -> bool:
        """Return whether the reads were too large to be kept."""
        return any(read.kind == OMITTED for read in self._reads)

    @property
    def deadline(self) -> bool | None:
        """Return whether work had begun when its deadline struck; None when it did not strike."""
        last = self._reads[-1] if self._reads else None
        return bool(last.values.get("begun")) if last is not None and last.kind == DEADLINE else None

    @property
    def number(self) -> int:
        """Return the number of the read that comes next."""
        return self._next

    def next(self, kind: str) -> Read:
        """Return the next read. Raises ReadsExhausted, or ReadMismatch for one of another kind."""
        if self._next >= len(self._reads) or self._reads[self._next].kind == DEADLINE:
            raise ReadsExhausted
        read = self._reads[self._next]
        if read.kind != kind:
            raise ReadMismatch(self._next, kind, read.kind)
        self._next += 1
        return read
