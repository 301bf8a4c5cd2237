"""Handler of the journal: store every record."""

from dataclasses import dataclass, field

from libs.contracts.record import Record
from libs.contracts.records import CallsLogged, RequestLogged
from libs.contracts.topics import REQUESTS
from libs.core.errors import Unstorable
from libs.ports.journal import JournalWriter
from libs.ports.usage_store import NoUsageStore, UsageStore
from libs.runtime.messaging.codec import read, verifier
from libs.runtime.messaging.signing import Signer
from services.journal.domain.entries import entry_of


@dataclass(frozen=True)
class Deps:
    """`log_id` names the broker's log; empty for a durable one. `signer` verifies the tenant of a record."""

    journal: JournalWriter
    log_id: str
    signer: Signer
    usage_store: UsageStore = field(default_factory=NoUsageStore)


async def store_record(record: Record, deps: Deps) -> None:
    """Store a record and record the usage that it reports; both are committed on return.

    Usage is recorded even if the journal rejects the record. Raises Unstorable if either store rejects it.
    """
    try:
        await deps.journal.append(entry_of(record, deps.log_id, verifier(deps.signer)))
    except Unstorable:
        await _record_usage(record, deps)
        raise
    await _record_usage(record, deps)


async def _record_usage(record: Record, deps: Deps) -> None:
    if record.topic == REQUESTS.name:
        match read(record, deps.signer):
            case RequestLogged() as ended:
                await deps.usage_store.record_usage(ended)
            case CallsLogged() as late:
                await deps.usage_store.record_late_calls(late)
