"""The journal: every record of the log, append-only. A writer can neither change nor remove a row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Protocol, Self

from libs.contracts.envelope import Headers
from libs.contracts.record import Record
from libs.core.errors import Rejected
from libs.core.ids import SYSTEM_TENANT

MAX_CLAIM_CHARS = 256  # claims are indexed, and Postgres limits the size of an index entry


class PositionTaken(Rejected):
    """The journal holds another record at this position: the log restarted without a new log id."""

    code = "position_taken"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Position of a record. `log_id` names the broker's log where offsets restart with the broker; else empty."""

    log_id: str
    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Claims:
    """Unverified header values of a record, None where unreadable."""

    event_id: str | None = None
    response_id: str | None = None
    tenant: str | None = None
    schema: str | None = None
    causation_id: str | None = None

    @classmethod
    def of(cls, headers: Headers, key: bytes | None) -> Self:
        """Never raises."""
        values = dict(headers)
        return cls(
            event_id=_readable(values.get("event_id")),
            # every record's key is its response id, so a history includes records without readable headers
            response_id=_readable(values.get("response_id")) or _readable(key),
            tenant=_readable(values.get("tenant")),
            schema=_readable(values.get("schema")),
            causation_id=_readable(values.get("causation_id")),
        )


def _readable(raw: bytes | None) -> str | None:
    try:
        text = (raw or b"").decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if 0 < len(text) <= MAX_CLAIM_CHARS and "\0" not in text else None


@dataclass(frozen=True, slots=True)
class Owner:
    """Owner of a record. `tenant` is verified; erasing the person of `subject` erases the content."""

    tenant: str = SYSTEM_TENANT
    subject: str = ""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One record exactly as the log held it, well-formed or not. `timestamp_ms` is the broker's Unix time.

    `owner` decides where the entry is stored and is no part of the record; a reader may leave `owner.subject` empty.
    """

    position: Position
    timestamp_ms: int
    key: bytes | None
    headers: Headers
    payload: bytes
    claims: Claims = Claims()
    owner: Owner = field(default=Owner(), compare=False)

    @property
    def record(self) -> Record:
        """The record as it was read from the log, without the log's id."""
        place = self.position
        return Record(
            topic=place.topic,
            partition=place.partition,
            offset=place.offset,
            timestamp_ms=self.timestamp_ms,
            key=self.key,
            headers=self.headers,
            value=self.payload,
        )


@dataclass(frozen=True, slots=True)
class Journaled:
    """A stored entry and its time of storage (Unix seconds).

    `erased`: headers and payload are empty, because the subject was erased or the content expired.
    """

    entry: JournalEntry
    received_at: float
    erased: bool = False


def in_log_order(rows: Iterable[Journaled]) -> list[Journaled]:
    """Order rows by the age of their log, then by position: a broker that starts anew counts offsets from zero."""
    rows = sorted(rows, key=attrgetter("received_at"))
    ages = {row.entry.position.log_id: -age for age, row in enumerate(reversed(rows))}
    return sorted(rows, key=lambda row: (ages[row.entry.position.log_id], row.entry.position))


class JournalWriter(Protocol):
    """Write side of the journal. Concurrent calls share one write."""

    async def append(self, entry: JournalEntry) -> None:
        """Store one entry; it is committed on return. Idempotent.

        Raises Retryable if the store stays unavailable beyond a bounded wait, PositionTaken, and Unstorable for an
        entry that fits no row.
        """
        ...


class JournalReader(Protocol):
    """Read side, decrypted. With a `tenant`, only rows of that tenant are visible."""

    async def history(self, response_id: str, tenant: str | None = None) -> tuple[Journaled, ...]:
        """All stored entries of one response, by broker time. Raises Retryable while the store is unavailable."""
        ...

    async def of_schemas(
        self, schemas: Sequence[str], since_ms: int = 0, tenant: str | None = None
    ) -> tuple[Journaled, ...]:
        """Rows of the given schemas since `since_ms` (the broker's Unix time), by broker time.

        For rare messages only: dead letters and audit actions, which have an index. Raises Retryable.
        """
        ...

    async def latest_log(self) -> str:
        """The `log_id` stored last: every other log has ended, except durable ones. Raises Retryable."""
        ...
