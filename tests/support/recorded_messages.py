"""Published messages of a fleet on the memory bus, as a journal would store them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from libs.contracts.progress import RequestOpened
from libs.contracts.record import Record
from libs.ports.journal import Journaled
from libs.runtime.messaging.codec import verifier
from moe.replay.descriptions import hashes_in, load
from moe.replay.reading import read_history
from moe.replay.verifying import Verdict, verify
from services.journal.domain.entries import entry_of
from tests.support.fleet import SIGNER, Client


@dataclass(frozen=True)
class Kept:
    """Port `JournalReader` over rows in memory."""

    rows: tuple[Journaled, ...]

    async def history(self, response_id: str, tenant: str | None = None) -> tuple[Journaled, ...]:
        return tuple(row for row in self.rows if row.entry.claims.response_id == response_id)

    async def of_schemas(
        self, schemas: Sequence[str], since_ms: int = 0, tenant: str | None = None
    ) -> tuple[Journaled, ...]:
        return tuple(row for row in self.rows if row.entry.claims.schema in schemas)

    async def latest_log(self) -> str:
        """Log of the last row."""
        return self.rows[-1].entry.position.log_id if self.rows else ""

    def requests(self) -> list[str]:
        """Ids of all requests, in the order in which they were opened."""
        opened = [row.entry for row in self.rows if row.entry.claims.schema == RequestOpened.schema_name()]
        ids = (entry.claims.response_id for entry in sorted(opened, key=lambda entry: entry.timestamp_ms))
        return list(dict.fromkeys(response_id for response_id in ids if response_id is not None))


def kept(records: Sequence[Record]) -> Kept:
    return Kept(
        tuple(Journaled(entry_of(record, "", verifier(SIGNER)), record.timestamp_ms / 1000) for record in records)
    )


def journal_of(client: Client) -> Kept:
    """Journal of all records on a client's log."""
    return kept(client.broker.records())


async def verdict_on(journal: Kept, response_id: str) -> Verdict:
    history = await read_history(journal, response_id, SIGNER)
    return await verify(response_id, history, await load(journal, hashes_in(history)))


async def verdicts(client: Client) -> list[Verdict]:
    journal = journal_of(client)
    return [await verdict_on(journal, response_id) for response_id in journal.requests()]


def changed(record: Record, **values: object) -> Record:
    return replace(record, **values)  # type: ignore[arg-type]
