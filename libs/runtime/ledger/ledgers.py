"""The ledgers of the partitions that one feed holds."""

from collections.abc import Iterable, Mapping

from libs.contracts.record import Record
from libs.runtime.ledger.partition import PartitionLedger, Progress


class Ledgers:
    """By partition. What is asked about a partition that is not ours has the answer of one that is given up."""

    def __init__(self) -> None:
        self._of: dict[int, PartitionLedger] = {}

    def begin(self, committed: Mapping[int, Progress]) -> None:
        """Open a ledger for each new partition at what is committed there."""
        for partition, progress in committed.items():
            self._of.setdefault(partition, PartitionLedger(progress))

    def merge(self, committed: Mapping[int, Progress]) -> None:
        """Add to partitions that we keep what is committed there: another member may have gone on meanwhile."""
        for partition, progress in committed.items():
            self._of[partition].merge(progress)

    def forget(self, partitions: Iterable[int]) -> None:
        """Drop what we know about partitions that are no longer ours."""
        for partition in partitions:
            self._of.pop(partition, None)

    def of(self, partition: int) -> PartitionLedger | None:
        """Return the ledger of a partition that is ours."""
        return self._of.get(partition)

    def is_unfinished(self, record: Record) -> bool:
        """Return whether a record is ours to finish."""
        ledger = self._of.get(record.partition)
        return ledger is not None and ledger.is_unfinished(record.offset)

    def knows(self, partition: int, committed: Progress) -> bool:
        """Return whether all that is committed at a partition of ours was finished here."""
        return self._of[partition].knows(committed)

    @property
    def is_due(self) -> bool:
        """Return whether anything is finished that the broker has not been told."""
        return any(ledger.is_due for ledger in self._of.values())

    @property
    def width(self) -> int:
        """Return how many intervals the next commit has to tell, in all partitions."""
        return sum(ledger.width for ledger in self._of.values())

    def due(self) -> dict[int, Progress]:
        """Return what to commit, by partition."""
        return {partition: ledger.progress() for partition, ledger in self._of.items() if ledger.is_due}

    def confirm(self, committed: Mapping[int, Progress]) -> None:
        """Note what the broker has taken."""
        for partition, progress in committed.items():
            if partition in self._of:
                self._of[partition].confirm(progress)

    def reached(self, ends: Mapping[int, int]) -> bool:
        """Return whether all before these offsets is done, as far as the partitions are still ours."""
        return all(self._of[partition].watermark >= end for partition, end in ends.items() if partition in self._of)

    def unread(self, ends: Mapping[int, int]) -> dict[int, int]:
        """Return one past the last record that is still to come, where one is before the given ends."""
        unread = {partition: self._of[partition].unread_end(end) for partition, end in ends.items()}
        return {partition: end for partition, end in unread.items() if end > self._of[partition].watermark}

    def watermarks(self) -> dict[int, int]:
        """Return what is unfinished first, by partition."""
        return {partition: ledger.watermark for partition, ledger in self._of.items()}
