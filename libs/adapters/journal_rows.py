"""Journal entries as rows of `moe.journal`, and back."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias, cast

import asyncpg

from libs.contracts.envelope import Headers
from libs.core.errors import Rejected
from libs.ports.journal import Claims, Journaled, JournalEntry, Position, PositionTaken

Column: TypeAlias = list[str] | list[int] | list[bytes] | list[str | None] | list[bytes | None]
Fingerprint: TypeAlias = tuple[int, bytes]

INSERT = """
INSERT INTO moe.journal (
    log_id, topic, partition, "offset", timestamp_ms, key, headers, payload,
    event_id, response_id, tenant, schema, causation_id
)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::bytea[], $7::json[], $8::bytea[],
    $9::text[], $10::text[], $11::text[], $12::text[], $13::text[]
)
ON CONFLICT DO NOTHING
"""
FINGERPRINTS = """
SELECT log_id, topic, partition, "offset", timestamp_ms, sha256(payload) AS digest
FROM moe.journal JOIN unnest($1::text[], $2::text[], $3::int[], $4::bigint[])
    AS wanted (log_id, topic, partition, "offset") USING (log_id, topic, partition, "offset")
"""
HISTORY = """
SELECT log_id, topic, partition, "offset", timestamp_ms, key, headers, payload,
       event_id, response_id, tenant, schema, causation_id, received_at
FROM moe.journal WHERE response_id = $1
ORDER BY timestamp_ms, log_id, topic, partition, "offset"
"""


def positions(entries: Sequence[JournalEntry]) -> tuple[list[str], list[str], list[int], list[int]]:
    """Return the arguments of `FINGERPRINTS`, and the first four of `INSERT`."""
    places = [entry.position for entry in entries]
    return (
        [place.log_id for place in places],
        [place.topic for place in places],
        [place.partition for place in places],
        [place.offset for place in places],
    )


def columns(entries: Sequence[JournalEntry]) -> tuple[Column, ...]:
    """Return the arguments of `INSERT`."""
    claims = [entry.claims for entry in entries]
    return (
        *positions(entries),
        [entry.timestamp_ms for entry in entries],
        [entry.key for entry in entries],
        [_headers_json(entry.headers) for entry in entries],
        [entry.payload for entry in entries],
        [claim.event_id for claim in claims],
        [claim.response_id for claim in claims],
        [claim.tenant for claim in claims],
        [claim.schema for claim in claims],
        [claim.causation_id for claim in claims],
    )


def outcomes(entries: Sequence[JournalEntry], kept: Iterable[asyncpg.Record]) -> list[Rejected | None]:
    """Return None for each entry that is kept as it is, PositionTaken where another record holds its place."""
    fingerprints = {_position(row): (row["timestamp_ms"], row["digest"]) for row in kept}
    return [_outcome(entry, fingerprints) for entry in entries]


def journaled(row: asyncpg.Record) -> Journaled:
    """Return a row of `HISTORY`."""
    received_at = cast(datetime, row["received_at"])
    claims = Claims(row["event_id"], row["response_id"], row["tenant"], row["schema"], row["causation_id"])
    entry = JournalEntry(
        position=_position(row),
        timestamp_ms=row["timestamp_ms"],
        key=row["key"],
        headers=_headers(row["headers"]),
        payload=row["payload"],
        claims=claims,
    )
    return Journaled(entry, received_at.timestamp())


def _outcome(entry: JournalEntry, kept: Mapping[Position, Fingerprint]) -> Rejected | None:
    ours = (entry.timestamp_ms, hashlib.sha256(entry.payload).digest())
    if kept.get(entry.position) == ours:
        return None
    place = entry.position
    return PositionTaken(
        f"the journal holds another record at {place.topic}/{place.partition}/{place.offset} of log {place.log_id!r}: "
        "the broker's log began anew, so MOE_LOG_INCARNATION needs a new value"
    )


def _position(row: asyncpg.Record) -> Position:
    return Position(row["log_id"], row["topic"], row["partition"], row["offset"])


def _headers_json(headers: Headers) -> str:
    return json.dumps([[name, base64.b64encode(value).decode("ascii")] for name, value in headers])


def _headers(text: str) -> Headers:
    pairs = cast(list[tuple[str, str]], json.loads(text))
    return tuple((name, base64.b64decode(value)) for name, value in pairs)
