"""Keeps what it hears."""

from dataclasses import dataclass, field

from libs.contracts.records import RequestLogged
from libs.contracts.topics import REQUESTS
from libs.ports.books import Books, NoBooks
from libs.ports.journal import JournalWriter
from libs.runtime.codec import read
from libs.runtime.record import Record
from libs.runtime.signing import Signer
from services.journal.domain.entries import entry_of


@dataclass(frozen=True)
class Deps:
    """`log_id` names the broker's log; empty for a durable one. `signer` tells whose a record is."""

    journal: JournalWriter
    log_id: str
    signer: Signer
    books: Books = field(default_factory=NoBooks)


async def keep(record: Record, deps: Deps) -> None:
    """Keep a record, and book it if it is the end of a request; returning means that both are committed."""
    await deps.journal.append(entry_of(record, deps.log_id, deps.signer))
    if record.topic == REQUESTS.name and isinstance(ended := read(record, deps.signer), RequestLogged):
        await deps.books.book(ended)
