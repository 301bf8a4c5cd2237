"""A history as messages: each record with its number, its message and what was read to make it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from libs.contracts.envelope import read_envelope
from libs.contracts.message import Message
from libs.contracts.record import Record
from libs.core.errors import Rejected
from libs.core.reads import Read, parse_reads
from libs.ports.journal import Journaled, JournalEntry
from libs.runtime.messaging.codec import decode, verified_envelope
from libs.runtime.messaging.signing import Signer
from moe.replay.known_fields import proven_revision
from services.journal.domain.history import ordered

Spot = tuple[str, str, int, int]
DURABLE = ""  # the id of a log that does not end with its broker


@dataclass(frozen=True, slots=True)
class ReplayRecord:
    """One record: `index` counts from 0 in the order in which a history is told; `reads` is what led to it.

    `revision` of the contracts is what its code knew, 0 where it cannot be told.
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
        """Return where the record lies: incarnation of the log, topic, partition, offset."""
        return _spot(self.entry)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is no message of ours, and why."""

    index: int
    place: Spot
    reason: str


@dataclass(frozen=True, slots=True)
class History:
    """What can be read of one response, and what cannot. `erased` counts the rows whose content is gone, `rejected`
    those that have a dead letter: no stage heard them.

    `heard_at` is when the journal heard the last record, in Unix seconds. `latest_log` is the log that it heard last of
    all, where that is known.
    """

    records: tuple[ReplayRecord, ...]
    unreadable: tuple[Unreadable, ...] = ()
    erased: int = 0
    rejected: int = 0
    heard_at: float = 0.0
    latest_log: str | None = None

    @property
    def rows(self) -> int:
        """Return how many rows the journal has of the response."""
        return len(self.records) + len(self.unreadable) + self.erased + self.rejected


def history_of(rows: Sequence[Journaled], signer: Signer | None = None) -> History:
    """Return the rows as messages in the order in which they are told. Rows without content are counted only.

    With a signer, a record whose signature is not ours is no message.
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
    """Return records with the revision that they state. Those of code that stated none prove it by their fields."""
    silent = [said for said in history if not said.message.envelope.contracts]
    proven = proven_revision((said.message, _json_of(said)) for said in silent)
    return tuple(replace(said, revision=said.message.envelope.contracts or proven) for said in history)


def _json_of(said: ReplayRecord) -> JsonValue:
    parsed: JsonValue = json.loads(said.entry.payload)
    return parsed


def in_log_order(history: Sequence[ReplayRecord]) -> tuple[ReplayRecord, ...]:
    """Return records by offset; those of a log that began anew come after those of the one before."""
    began: dict[str, int] = {}
    for said in history:
        log_id, at_ms = said.entry.position.log_id, said.entry.timestamp_ms
        began[log_id] = min(at_ms, began.get(log_id, at_ms))
    return tuple(sorted(history, key=lambda said: (began[said.entry.position.log_id], said.place)))


def lost_logs(history: History) -> frozenset[str]:
    """Return the logs that others came after: they ended with their broker, a moment ahead of the journal."""
    logs = [said.entry.position.log_id for said in in_log_order(history.records)]
    if history.latest_log is not None and logs[-1:] != [DURABLE]:
        logs.append(history.latest_log)
    return frozenset(logs) - frozenset(logs[-1:])


def without_restored(history: Sequence[ReplayRecord]) -> list[ReplayRecord]:
    """Return what was said for the first time: after a log was lost, the next one begins with the same again."""
    first: dict[tuple[str, str, str, bytes], ReplayRecord] = {}
    for said in in_log_order(history):
        first.setdefault(_contents(said), said)
    return [said for said in history if not _is_restored(said, first[_contents(said)])]


def _contents(said: ReplayRecord) -> tuple[str, str, str, bytes]:
    envelope = said.message.envelope
    return said.topic, envelope.causation_id, envelope.reads, said.entry.payload


def _is_restored(said: ReplayRecord, first: ReplayRecord) -> bool:
    return said.entry.position.log_id != first.entry.position.log_id


def record_of(entry: JournalEntry) -> Record:
    """Return an entry as the record that it was."""
    place = entry.position
    return Record(
        place.topic, place.partition, place.offset, entry.timestamp_ms, entry.key, entry.headers, entry.payload
    )


def _spot(entry: JournalEntry) -> Spot:
    position = entry.position
    return position.log_id, position.topic, position.partition, position.offset


def _read(index: int, entry: JournalEntry, signer: Signer | None) -> ReplayRecord:
    record = record_of(entry)
    envelope = read_envelope(record.headers)[0] if signer is None else verified_envelope(record, signer)
    message = decode(record, envelope)
    return ReplayRecord(index, entry, message, parse_reads(message.envelope.reads))
