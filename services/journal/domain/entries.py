"""Converts raw records to journal entries and back. Every record has an entry, whatever its bytes are."""

from libs.contracts.record import Record
from libs.ports.journal import Claims, JournalEntry, Position
from services.journal.domain.ownership import Verify, owner_of


def entry_of(record: Record, log_id: str, verify: Verify) -> JournalEntry:
    """The entry of a record on the log named `log_id`; `verify` raises Rejected. Never raises."""
    return JournalEntry(
        position=Position(log_id, record.topic, record.partition, record.offset),
        timestamp_ms=record.timestamp_ms,
        key=record.key,
        headers=record.headers,
        payload=record.value,
        claims=Claims.of(record.headers, record.key),
        owner=owner_of(record, verify),
    )
