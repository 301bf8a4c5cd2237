"""The journal: every record of the log, kept for good. Whoever writes to it can neither change nor remove a row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

from libs.contracts.envelope import Headers
from libs.core.errors import Rejected
from libs.core.ids import SYSTEM_TENANT

MAX_CLAIM_CHARS = 256  # claims are indexed, and an index entry of Postgres has an upper size


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

    @classmethod
    def of(cls, headers: Headers, key: bytes | None) -> Self:
        """Return what headers claim. Never raises."""
        values = dict(headers)
        return cls(
            event_id=_readable(values.get("event_id")),
            # the key is the response id of every record, so a history shows those without readable headers too
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
    """Whose a record is. `tenant` was verified; `subject` names the person whose erasure takes the content along."""

    tenant: str = SYSTEM_TENANT
    subject: str = ""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One record as it lay on the log, well-formed or not. `timestamp_ms` is the broker's Unix time.

    `owner` is where it is kept, and no part of the record: a reader may leave `owner.subject` empty.
    """

    position: Position
    timestamp_ms: int
    key: bytes | None
    headers: Headers
    payload: bytes
    claims: Claims = Claims()
    owner: Owner = field(default=Owner(), compare=False)


@dataclass(frozen=True, slots=True)
class Journaled:
    """An entry that was kept, and when (Unix time in seconds).

    `erased`: headers and payload are empty, because the subject was erased or the content's time was over.
    """

    entry: JournalEntry
    received_at: float
    erased: bool = False


class JournalWriter(Protocol):
    """Where records are kept. Many calls may run at once; they share a write."""

    async def append(self, entry: JournalEntry) -> None:
        """Keep one entry; returning means that it is committed. The same entry again changes nothing.

        Raises Retryable when the store stays away for longer than a bounded wait, PositionTaken, and Unstorable for
        what no row takes.
        """
        ...


class JournalReader(Protocol):
    """Where histories are read, decrypted. With a `tenant`, nothing but that tenant's rows can be seen."""

    async def history(self, response_id: str, tenant: str | None = None) -> tuple[Journaled, ...]:
        """Return everything kept about one response, by broker time. Raises Retryable when the store is away."""
        ...

    async def of_schemas(
        self, schemas: Sequence[str], since_ms: int = 0, tenant: str | None = None
    ) -> tuple[Journaled, ...]:
        """Return the rows of some schemas from a moment on (the broker's Unix time), by broker time.

        Meant for rare messages: dead letters and acts of the audit, which have an index. Raises Retryable.
        """
        ...

    async def latest_log(self) -> str:
        """Return the `log_id` that was kept last: every other one, but a durable one, has ended. Raises Retryable."""
        ...
