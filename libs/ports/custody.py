"""Operator actions on the journal: legal hold, erasure, pruning. Each one is audited."""

from dataclasses import dataclass

from libs.core.errors import Rejected


class UnderLegalHold(Rejected):
    """A legal hold forbids the action. Release the hold first, which is an audited action of its own."""

    code = "under_legal_hold"


@dataclass(frozen=True, slots=True)
class Hold:
    """Blocks erasure and expiry for a subject, or for the whole tenant if `subject` is `''`.

    `placed_at` is Unix time in seconds.
    """

    hold_id: str
    tenant: str
    subject: str
    reason: str
    placed_by: str
    placed_at: float


@dataclass(frozen=True, slots=True)
class TopicTrace:
    """The records of a subject on one topic. `last_ms` is the broker time of the last one, Unix milliseconds.

    `log_id` is empty for a durable broker.
    """

    topic: str
    log_id: str
    records: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """The content that an erasure removed, or would remove. `persons` are the pseudonyms of one person.

    `at_ms` is the database's Unix time in milliseconds.
    """

    tenant: str
    persons: tuple[str, ...]
    at_ms: int
    keys: int
    rows: int
    responses: tuple[str, ...]
    topics: tuple[TopicTrace, ...]


@dataclass(frozen=True, slots=True)
class PruningResult:
    """Counts of a tenant's rows whose content expired, and of the unused keys that were deleted."""

    tenant: str
    before_ms: int
    rows: int
    keys: int
    held: bool
