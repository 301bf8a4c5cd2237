"""Maps journal entries to rows of `moe.journal`."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import asyncpg

from libs.adapters.journal.bases import Base
from libs.adapters.journal.cipher import SubjectKey, identity_of
from libs.adapters.journal.content import compressed
from libs.core.chain import SALT_BYTES, ChainHeader, commitment
from libs.core.errors import Rejected
from libs.core.ids import response_uuid
from libs.ports.journal import JournalEntry, Position, PositionTaken

Column: TypeAlias = list[str] | list[int] | list[bytes] | list[str | None] | list[int | None] | list[bytes | None]
Arguments: TypeAlias = tuple[Column, ...]
Fingerprint: TypeAlias = tuple[int, bytes | None]

INSERT = """
INSERT INTO moe.journal (
    log_id, topic, partition, "offset", timestamp_ms, tenant, event_id, response_id, schema, causation_id,
    key_id, base_id, commitment, tag, salt, content
)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::bigint[], $12::bigint[], $13::bytea[], $14::bytea[], $15::bytea[],
    $16::bytea[]
)
ON CONFLICT DO NOTHING
RETURNING id, log_id, topic, partition, "offset"
"""
FINGERPRINTS = """
SELECT log_id, topic, partition, "offset", timestamp_ms, tag
FROM moe.journal JOIN unnest($1::text[], $2::text[], $3::int[], $4::bigint[])
    AS wanted (log_id, topic, partition, "offset") USING (log_id, topic, partition, "offset")
"""


@dataclass(frozen=True, slots=True)
class StoredContent:
    """The stored content of an entry, complete or empty; the commitment is always present."""

    commitment: bytes
    key_id: int | None = None
    base_id: int | None = None
    tag: bytes | None = None
    salt: bytes | None = None
    content: bytes | None = None


def stored_content(entry: JournalEntry, key: SubjectKey | None, base: Base | None = None) -> StoredContent:
    """Encrypt the content of an entry; without a key only the commitment is stored. `base` must have the same key."""
    salt = secrets.token_bytes(SALT_BYTES)
    if key is None:
        return StoredContent(commitment(salt, b""))
    words, base_id = (base.words, base.row_id) if base is not None else (b"", None)
    content = key.encrypt(compressed(entry, words), identity_of(entry))
    return StoredContent(commitment(salt, content), key.key_id, base_id, key.fingerprint(entry.payload), salt, content)


def request_time_ms(entry: JournalEntry) -> int:
    """When the request of an entry was accepted, as far as its id shows; otherwise the entry's own time. Unix ms."""
    accepted_ms = _accepted_ms(entry.claims.response_id or "")
    return entry.timestamp_ms if accepted_ms is None else min(accepted_ms, entry.timestamp_ms)


@lru_cache(maxsize=4096)
def _accepted_ms(response_id: str) -> int | None:
    try:
        return response_uuid(response_id).int >> 80
    except ValueError:
        return None


def positions(entries: Sequence[JournalEntry]) -> tuple[list[str], list[str], list[int], list[int]]:
    """Arguments of `FINGERPRINTS`, and the first four of `INSERT`."""
    places = [entry.position for entry in entries]
    return (
        [place.log_id for place in places],
        [place.topic for place in places],
        [place.partition for place in places],
        [place.offset for place in places],
    )


def columns(entries: Sequence[JournalEntry], rows: Sequence[StoredContent]) -> Arguments:
    claims = [entry.claims for entry in entries]
    return (
        *positions(entries),
        [entry.timestamp_ms for entry in entries],
        [entry.owner.tenant for entry in entries],
        [claim.event_id for claim in claims],
        [claim.response_id for claim in claims],
        [claim.schema for claim in claims],
        [claim.causation_id for claim in claims],
        [row.key_id for row in rows],
        [row.base_id for row in rows],
        [row.commitment for row in rows],
        [row.tag for row in rows],
        [row.salt for row in rows],
        [row.content for row in rows],
    )


def outcomes(
    entries: Sequence[JournalEntry], rows: Sequence[StoredContent], found: Iterable[asyncpg.Record]
) -> list[Rejected | None]:
    """None for each stored entry, PositionTaken where another record has its position."""
    fingerprints = {position_of(row): (row["timestamp_ms"], row["tag"]) for row in found}
    return [_outcome(entry, row, fingerprints) for entry, row in zip(entries, rows, strict=True)]


def position_of(row: asyncpg.Record) -> Position:
    return Position(row["log_id"], row["topic"], row["partition"], row["offset"])


def _outcome(entry: JournalEntry, row: StoredContent, found: Mapping[Position, Fingerprint]) -> Rejected | None:
    place = entry.position
    timestamp_ms, tag = found.get(place, (None, None))
    # A row without content has no fingerprint, so position and time must suffice.
    if timestamp_ms == entry.timestamp_ms and (tag == row.tag or tag is None or row.tag is None):
        return None
    return PositionTaken(
        f"the journal holds another record at {place.topic}/{place.partition}/{place.offset} of log {place.log_id!r}: "
        "the broker's log began anew, so MOE_LOG_INCARNATION needs a new value"
    )


def chain_header(row: asyncpg.Record, sequence: int) -> ChainHeader:
    """The header that the chain commits to, at this place in the tenant's sequence."""
    return ChainHeader(
        tenant=row["tenant"],
        sequence=sequence,
        log_id=row["log_id"],
        topic=row["topic"],
        partition=row["partition"],
        offset=row["offset"],
        timestamp_ms=row["timestamp_ms"],
        received_us=row["received_us"],
        event_id=row["event_id"],
        response_id=row["response_id"],
        schema=row["schema"],
        causation_id=row["causation_id"],
    )
