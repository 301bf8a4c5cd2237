"""From a raw record to what is kept of it. Whatever the bytes are, there is an entry."""

from collections.abc import Mapping

from libs.ports.journal import Claims, JournalEntry, Position
from libs.runtime.record import Record

MAX_CLAIM_CHARS = 256  # claims are indexed, and an index entry of Postgres has an upper size


def entry_of(record: Record, log_id: str) -> JournalEntry:
    """Return the entry of a record as it lay on the log named `log_id`. Never raises."""
    return JournalEntry(
        position=Position(log_id, record.topic, record.partition, record.offset),
        timestamp_ms=record.timestamp_ms,
        key=record.key,
        headers=record.headers,
        payload=record.value,
        claims=_claims(dict(record.headers), record.key),
    )


def _claims(headers: Mapping[str, bytes], key: bytes | None) -> Claims:
    return Claims(
        event_id=_readable(headers.get("event_id")),
        # the key is the response id of every record, so a history shows those without readable headers too
        response_id=_readable(headers.get("response_id")) or _readable(key),
        tenant=_readable(headers.get("tenant")),
        schema=_readable(headers.get("schema")),
        causation_id=_readable(headers.get("causation_id")),
    )


def _readable(raw: bytes | None) -> str | None:
    try:
        text = (raw or b"").decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if 0 < len(text) <= MAX_CLAIM_CHARS and "\0" not in text else None
