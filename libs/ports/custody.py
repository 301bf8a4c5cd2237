"""What an operator may do to the journal: hold it, take content away, and nothing else. Every act is audited."""

from dataclasses import dataclass

from libs.core.errors import Rejected


class UnderLegalHold(Rejected):
    """A hold forbids it. Release the hold first: that is an audited act of its own."""

    code = "under_legal_hold"


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing of a subject (`''`: of the tenant) may be erased or run out. `placed_at` is Unix time in seconds."""

    hold_id: str
    tenant: str
    subject: str
    reason: str
    placed_by: str
    placed_at: float


@dataclass(frozen=True, slots=True)
class TopicTrace:
    """What a subject has left on a topic: `last_ms` is the broker's time of the last record, Unix milliseconds.

    `log_id` is empty for a durable broker.
    """

    topic: str
    log_id: str
    records: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """What an erasure took away, or would take. `persons` are the pseudonyms of the person, `at_ms` is the database's
    Unix time in milliseconds."""

    tenant: str
    persons: tuple[str, ...]
    at_ms: int
    keys: int
    rows: int
    responses: tuple[str, ...]
    topics: tuple[TopicTrace, ...]


@dataclass(frozen=True, slots=True)
class PruningResult:
    """How many rows of a tenant lost their content because its time was over, and how many unused keys went."""

    tenant: str
    before_ms: int
    rows: int
    keys: int
    held: bool
