"""The history of one response: the rows of the journal in causal order."""

from collections.abc import Sequence
from dataclasses import dataclass

from libs.ports.journal import Journaled, JournalEntry, Position

SortKey = tuple[int, int, str, int, int, str]
EventKey = tuple[str, str]  # tenant and event id: ids are claims, and two tenants may claim the same one


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One row of a history. `copy_of` is the position of the same event's first record on the same topic, if any.

    `differs`: the copy has another body than the first record, so it was superseded before it arrived.
    """

    row: Journaled
    after_ms: int
    copy_of: Position | None = None
    differs: bool = False


def ordered(rows: Sequence[Journaled]) -> tuple[HistoryRow, ...]:
    """Sort the rows by the broker's time, but never before their cause; independent of the order of `rows`.

    A row counts as no earlier than the event that caused it, so that skewed clocks cannot reverse a history. At equal
    times causes precede, then topic, partition and offset decide.
    """
    keys = _Order([row.entry for row in rows])
    ordered = sorted(rows, key=lambda row: keys.of(row.entry))
    if not ordered:
        return ()
    start_ms = min(row.entry.timestamp_ms for row in ordered)
    return _marked(ordered, start_ms)


class _Order:
    def __init__(self, entries: Sequence[JournalEntry]) -> None:
        self._first: dict[EventKey, JournalEntry] = {}
        for entry in sorted(entries, key=_by_time):
            if entry.claims.event_id is not None:
                self._first.setdefault((entry.owner.tenant, entry.claims.event_id), entry)

    def of(self, entry: JournalEntry) -> SortKey:
        """The key (time no earlier than the causes', number of causes, topic, partition, offset, log)."""
        place = entry.position
        causes = self._causes(entry)
        time_ms = max(each.timestamp_ms for each in (entry, *causes))
        return time_ms, len(causes), place.topic, place.partition, place.offset, place.log_id

    def _causes(self, entry: JournalEntry) -> list[JournalEntry]:
        """The chain of causes. Ids are claims, so a cyclic chain is possible and ends where it began."""
        chain: list[JournalEntry] = []
        seen, tenant = {entry.claims.event_id}, entry.owner.tenant
        cause_id = entry.claims.causation_id
        while cause_id is not None and cause_id not in seen:
            if (cause := self._first.get((tenant, cause_id))) is None:
                break
            chain.append(cause)
            seen.add(cause_id)
            cause_id = cause.claims.causation_id
        return chain


def _by_time(entry: JournalEntry) -> tuple[int, Position]:
    return entry.timestamp_ms, entry.position


def _marked(ordered: Sequence[Journaled], start_ms: int) -> tuple[HistoryRow, ...]:
    first: dict[tuple[EventKey, str], JournalEntry] = {}
    rows: list[HistoryRow] = []
    for row in ordered:
        entry = row.entry
        after_ms = entry.timestamp_ms - start_ms
        original = entry
        if (event_id := entry.claims.event_id) is not None:
            original = first.setdefault(((entry.owner.tenant, event_id), entry.position.topic), entry)
        if original is entry:
            rows.append(HistoryRow(row, after_ms))
        else:
            rows.append(HistoryRow(row, after_ms, original.position, differs=original.payload != entry.payload))
    return tuple(rows)
