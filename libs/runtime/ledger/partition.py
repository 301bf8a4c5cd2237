"""The offset ledger of a partition: which offset may be committed. Pure; no clock, no I/O."""

from dataclasses import dataclass, field

from libs.runtime.ledger.intervals import Interval, Intervals


@dataclass(frozen=True, slots=True)
class Progress:
    """Every offset before `watermark` is finished, and the intervals beyond it. `changes` is the ledger's version."""

    watermark: int
    finished: tuple[Interval, ...] = ()
    changes: int = field(default=0, compare=False)


class PartitionLedger:
    """One partition, from its committed progress. `next_offset` is one past the highest delivered offset.

    Records finish in any order. Only the contiguous low watermark is committed as the offset, so no unfinished record
    is ever skipped. Finished intervals beyond it are committed in the metadata, so that their records are not handled
    again. The watermark follows delivered records, not numbers: gaps between offsets are normal (compaction,
    transactions) and count as finished.
    """

    def __init__(self, committed: Progress, *, is_due: bool = False) -> None:
        """`is_due`: the group has not committed this progress yet."""
        self.watermark = committed.watermark
        self.next_offset = committed.watermark
        self._changes = 1 if is_due else 0
        self._told = 0
        self._finished = Intervals(committed.finished)
        self._advance()

    def deliver(self, offset: int) -> bool:
        """Register a delivered record. Returns False if it is finished or already in work."""
        if offset < self.next_offset:
            return False
        self._finished.add(self.next_offset, offset)
        self.next_offset = offset + 1
        self._advance()
        return self.is_unfinished(offset)

    def deliver_next(self, offset: int) -> bool:
        """`deliver`, but for the next offset only; False for any other.

        For records that were not fetched: `deliver` counts skipped offsets as finished, as only a fetch proves a gap.
        """
        return offset == self.next_offset and self.deliver(offset)

    def finish(self, offset: int) -> None:
        """Mark a delivered record as done; its outputs are acknowledged. Idempotent."""
        if self.is_unfinished(offset):
            self._finished.add(offset, offset + 1)
            self._changes += 1
            self._advance()

    def merge(self, committed: Progress) -> None:
        """Merge the progress at the broker: another member may have worked while this one was presumed dead."""
        for start, end in ((self.watermark, committed.watermark), *committed.finished):
            self._finished.add(max(start, self.watermark), end)
        self._advance()
        self._changes += 1
        self._told = self._changes if self.progress() == committed else self._changes - 1

    def knows(self, committed: Progress) -> bool:
        """True if everything committed at the broker was finished here."""
        intervals = ((self.watermark, committed.watermark), *committed.finished)
        return all(self._finished.covers(max(start, self.watermark), end) for start, end in intervals)

    def is_unfinished(self, offset: int) -> bool:
        """True if a record was delivered and is not finished."""
        return self.watermark <= offset < self.next_offset and offset not in self._finished

    def unread_end(self, end: int) -> int:
        """One past the last record before `end` that is not known to be finished; at least the watermark."""
        return max(self.watermark, self._finished.start_before(end))

    @property
    def width(self) -> int:
        """Number of intervals beyond the watermark: the size of a commit follows it."""
        return len(self._finished)

    @property
    def is_due(self) -> bool:
        """Whether a finished record is uncommitted."""
        return self._changes > self._told

    def progress(self) -> Progress:
        return Progress(self.watermark, self._finished.listed(), self._changes)

    def confirm(self, committed: Progress) -> None:
        """Record that the broker has committed this progress of this ledger."""
        self._told = max(self._told, committed.changes)

    def _advance(self) -> None:
        self.watermark = self._finished.take_first_from(self.watermark)
