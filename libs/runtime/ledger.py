"""The offset ledger: which offset of a partition may be committed. Pure; no clock, no I/O.

Records finish in any order. Only the contiguous low watermark is committed, so nothing unfinished is ever skipped.
The watermark follows delivered records, not numbers: gaps between offsets are normal (compaction, transactions).
"""

from bisect import bisect_left, insort
from dataclasses import dataclass, field


@dataclass
class PartitionLedger:
    """The unfinished offsets of one partition.

    `next_offset` is one past the highest delivered offset; `committed` the last committed watermark, -1 before any.
    """

    next_offset: int = -1
    committed: int = -1
    _open: list[int] = field(default_factory=list)

    def deliver(self, offset: int) -> bool:
        """Take a record in. Returns False for one that was delivered before: whoever has it will finish it."""
        if offset < self.next_offset:
            return False
        self.next_offset = offset + 1
        insort(self._open, offset)
        return True

    def finish(self, offset: int) -> None:
        """Mark a delivered record as done; its outputs are acknowledged. Doing so twice changes nothing."""
        index = bisect_left(self._open, offset)
        if index < len(self._open) and self._open[index] == offset:
            del self._open[index]

    @property
    def unfinished(self) -> int:
        """Return how many delivered records are not done."""
        return len(self._open)

    @property
    def watermark(self) -> int:
        """Return the offset to commit: everything before it is done. -1 when nothing was delivered yet."""
        return self._open[0] if self._open else self.next_offset

    def due(self) -> int | None:
        """Return the watermark if it is ahead of what was committed, else None."""
        return self.watermark if self.watermark > self.committed else None

    def confirm(self, watermark: int) -> None:
        """Note that the broker has taken a commit."""
        self.committed = max(self.committed, watermark)
