"""The offset ledger: which offset of a partition may be committed. Pure; no clock, no I/O.

Records finish in any order. Only the contiguous low watermark is committed, so nothing unfinished is ever skipped.
The watermark follows delivered records, not numbers: gaps between offsets are normal (compaction, transactions).
"""

from bisect import bisect_left


class PartitionLedger:
    """The unfinished offsets of one partition, from the offset that was committed when we got it.

    `next_offset` is one past the highest delivered offset; `committed` the last watermark that the broker took.
    """

    def __init__(self, start: int = 0) -> None:
        self.next_offset = start
        self.committed = start
        self._open: list[int] = []

    def deliver(self, offset: int) -> bool:
        """Take a record in. Returns False for one that was delivered before: whoever has it will finish it."""
        if offset < self.next_offset:
            return False
        self.next_offset = offset + 1
        self._open.append(offset)  # still sorted: offsets only grow
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
        """Return the offset to commit: everything before it is done."""
        return self._open[0] if self._open else self.next_offset

    def due(self) -> int | None:
        """Return the watermark if it is ahead of what was committed, else None."""
        return self.watermark if self.watermark > self.committed else None

    def confirm(self, watermark: int) -> None:
        """Note that the broker has taken a commit."""
        self.committed = max(self.committed, watermark)
