"""A history as messages: each record with its number, message and reads."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from libs.contracts.envelope import read_envelope
from libs.contracts.message import Message
from libs.core.errors import Rejected
from libs.core.reads import Read, parse_reads
from libs.ports.journal import Journaled, JournalEntry
from libs.runtime.messaging.codec import decode, verified_envelope
from libs.runtime.messaging.signing import Signer
from moe.replay.known_fields import proven_revision
from services.journal.domain.history import ordered

Spot = tuple[str, str, int, int]
DURABLE = ""  # the id of a log that outlives its broker


@dataclass(frozen=True, slots=True)
class ReplayRecord:
    """One record. `index` counts from 0 in the order of `ordered`; `reads` are the reads that led to the message.

    `revision` is the contract revision that its code knew, 0 if unknown.
    """

    index: int
    entry: JournalEntry
    message: Message
    reads: tuple[Read, ...]
    revision: int = 0

    @property
    def event_id(self) -> str:
        return self.message.envelope.event_id

    @property
    def cause_id(self) -> str:
        return self.message.envelope.causation_id

    @property
    def topic(self) -> str:
        return self.entry.position.topic

    @property
    def place(self) -> Spot:
        """Log incarnation, topic, partition and offset of the record."""
        return _spot(self.entry)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record without a valid message, and the reason."""

    index: int
    place: Spot
    reason: str


@dataclass(frozen=True, slots=True)
class History:
    """Readable and unreadable records of one response.

    `erased` counts rows without content, `rejected` those with a dead letter, which no stage handled.

    `heard_at` is when the journal received its last record, in Unix seconds. `latest_log` is the log of the last record
    of all responses, None if unknown.
    """

    records: tuple[ReplayRecord, ...]
    unreadable: tuple[Unreadable, ...] = ()
    erased: int = 0
    rejected: int = 0
    heard_at: float = 0.0
    latest_log: str | None = None

    @property
    def rows(self) -> int:
        return len(self.records) + len(self.unreadable) + self.erased + self.rejected


def history_of(rows: Sequence[Journaled], signer: Signer | None = None) -> History:
    """Decode rows in the order of `ordered`; rows without content are only counted.

    With a signer, a record with a foreign signature counts as unreadable.
    """
    said: list[ReplayRecord] = []
    unreadable: list[Unreadable] = []
    for index, row in enumerate(ordered(rows)):
        if row.row.erased:
            continue
        try:
            said.append(_read(index, row.row.entry, signer))
        except (Rejected, ValueError) as error:
            unreadable.append(Unreadable(index, _spot(row.row.entry), str(error)))
    heard_at = max((row.received_at for row in rows), default=0.0)
    return History(_with_revisions(said), tuple(unreadable), sum(row.erased for row in rows), heard_at=heard_at)


def _with_revisions(history: Sequence[ReplayRecord]) -> tuple[ReplayRecord, ...]:
    """Set the stated revision of each record; records without one prove theirs by their fields."""
    silent = [said for said in history if not said.message.envelope.contracts]
    proven = proven_revision((said.message, _json_of(said)) for said in silent)
    return tuple(replace(said, revision=said.message.envelope.contracts or proven) for said in history)


def _json_of(said: ReplayRecord) -> JsonValue:
    parsed: JsonValue = json.loads(said.entry.payload)
    return parsed


def in_log_order(history: Sequence[ReplayRecord]) -> tuple[ReplayRecord, ...]:
    """Sort by offset; records of a restarted log follow those of the previous one."""
    began: dict[str, int] = {}
    for said in history:
        log_id, at_ms = said.entry.position.log_id, said.entry.timestamp_ms
        began[log_id] = min(at_ms, began.get(log_id, at_ms))
    return tuple(sorted(history, key=lambda said: (began[said.entry.position.log_id], said.place)))


def lost_logs(history: History) -> frozenset[str]:
    """Logs that have a successor: they ended with their broker, a moment ahead of the journal."""
    logs = [said.entry.position.log_id for said in in_log_order(history.records)]
    if history.latest_log is not None and logs[-1:] != [DURABLE]:
        logs.append(history.latest_log)
    return frozenset(logs) - frozenset(logs[-1:])


def without_restored(history: Sequence[ReplayRecord]) -> list[ReplayRecord]:
    """First publications only: after a loss, the next log begins with the same messages again."""
    first: dict[tuple[str, str, str, bytes], ReplayRecord] = {}
    for said in in_log_order(history):
        first.setdefault(_contents(said), said)
    return [said for said in history if not _is_restored(said, first[_contents(said)])]


def _contents(said: ReplayRecord) -> tuple[str, str, str, bytes]:
    envelope = said.message.envelope
    return said.topic, envelope.causation_id, envelope.reads, said.entry.payload


def _is_restored(said: ReplayRecord, first: ReplayRecord) -> bool:
    return said.entry.position.log_id != first.entry.position.log_id


def _spot(entry: JournalEntry) -> Spot:
    position = entry.position
    return position.log_id, position.topic, position.partition, position.offset


def _read(index: int, entry: JournalEntry, signer: Signer | None) -> ReplayRecord:
    record = entry.record
    envelope = read_envelope(record.headers)[0] if signer is None else verified_envelope(record, signer)
    message = decode(record, envelope)
    return ReplayRecord(index, entry, message, parse_reads(message.envelope.reads))
