"""The journal: every record of the log, kept for good. Whoever writes to it can neither change nor remove a row."""

from dataclasses import dataclass
from typing import Protocol

from libs.contracts.envelope import Headers
from libs.core.errors import Rejected


class PositionTaken(Rejected):
    """Another record is already kept under this position: the log began anew without a new log id."""

    code = "position_taken"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Where a record lies. `log_id` names the broker's log where offsets restart with the broker; else empty."""

    log_id: str
    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Claims:
    """What the headers say about a record, None where unreadable. Nothing here has been verified."""

    event_id: str | None = None
    response_id: str | None = None
    tenant: str | None = None
    schema: str | None = None
    causation_id: str | None = None


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One record as it lay on the log, well-formed or not. `timestamp_ms` is the broker's Unix time."""

    position: Position
    timestamp_ms: int
    key: bytes | None
    headers: Headers
    payload: bytes
    claims: Claims = Claims()


@dataclass(frozen=True, slots=True)
class Journaled:
    """An entry that was kept, and when (Unix time in seconds)."""

    entry: JournalEntry
    received_at: float


class JournalWriter(Protocol):
    """Where records are kept. Many calls may run at once; they share a write."""

    async def append(self, entry: JournalEntry) -> None:
        """Keep one entry; returning means that it is committed. The same entry again changes nothing.

        Raises Retryable when the store stays away for longer than a bounded wait, and PositionTaken.
        """
        ...


class JournalReader(Protocol):
    """Where histories are read."""

    async def history(self, response_id: str) -> tuple[Journaled, ...]:
        """Return everything kept about one response, by broker time. Raises Retryable when the store is away."""
        ...
