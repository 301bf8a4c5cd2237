"""The ledgers of the partitions assigned to one subscription."""

from collections.abc import Collection, Iterable, Mapping

from libs.contracts.record import Record
from libs.runtime.ledger.partition import PartitionLedger, Progress


class Ledgers:
    """Ledgers by partition. An unassigned partition counts as lost."""

    def __init__(self) -> None:
        self._of: dict[int, PartitionLedger] = {}

    def begin(self, committed: Mapping[int, Progress], due: Collection[int] = ()) -> None:
        """Open a ledger for each new partition at its committed progress; existing ledgers stay.

        The progress of the partitions in `due` was committed by another group: it is due for commit at once.
        """
        for partition, progress in committed.items():
            self._of.setdefault(partition, PartitionLedger(progress, is_due=partition in due))

    def merge(self, committed: Mapping[int, Progress]) -> None:
        """Merge the committed progress of kept partitions: another member may have advanced meanwhile."""
        for partition, progress in committed.items():
            self._of[partition].merge(progress)

    def forget(self, partitions: Iterable[int]) -> None:
        """Drop the ledgers of lost partitions."""
        for partition in partitions:
            self._of.pop(partition, None)

    def of(self, partition: int) -> PartitionLedger | None:
        """None if the partition is not assigned."""
        return self._of.get(partition)

    def is_unfinished(self, record: Record) -> bool:
        """False if the record's partition is not assigned."""
        ledger = self._of.get(record.partition)
        return ledger is not None and ledger.is_unfinished(record.offset)

    def knows(self, partition: int, committed: Progress) -> bool:
        """True if everything committed at an assigned partition was finished here."""
        return self._of[partition].knows(committed)

    @property
    def is_due(self) -> bool:
        """Whether any finished record is uncommitted."""
        return any(ledger.is_due for ledger in self._of.values())

    @property
    def width(self) -> int:
        """Number of intervals in the next commit, over all partitions."""
        return sum(ledger.width for ledger in self._of.values())

    def due(self) -> dict[int, Progress]:
        """Progress to commit, by partition."""
        return {partition: ledger.progress() for partition, ledger in self._of.items() if ledger.is_due}

    def confirm(self, committed: Mapping[int, Progress]) -> None:
        """Record the progress that the broker has committed."""
        for partition, progress in committed.items():
            if partition in self._of:
                self._of[partition].confirm(progress)

    def reached(self, ends: Mapping[int, int]) -> bool:
        """True if every record before these offsets is done, on the partitions that are still assigned."""
        return all(self._of[partition].watermark >= end for partition, end in ends.items() if partition in self._of)

    def unread(self, ends: Mapping[int, int]) -> dict[int, int]:
        """One past the last unfinished record before each given end; partitions without one are left out."""
        unread = {partition: self._of[partition].unread_end(end) for partition, end in ends.items()}
        return {partition: end for partition, end in unread.items() if end > self._of[partition].watermark}

    def watermarks(self) -> dict[int, int]:
        """First unfinished offset, by partition."""
        return {partition: ledger.watermark for partition, ledger in self._of.items()}
