"""Keeps what it hears."""

from dataclasses import dataclass

from libs.ports.journal import JournalWriter
from libs.runtime.record import Record
from libs.runtime.signing import Signer
from services.journal.domain.entries import entry_of


@dataclass(frozen=True)
class Deps:
    """`log_id` names the broker's log; empty for a durable one. `signer` tells whose a record is."""

    journal: JournalWriter
    log_id: str
    signer: Signer


async def keep(record: Record, deps: Deps) -> None:
    """Keep a record; returning means that it is committed."""
    await deps.journal.append(entry_of(record, deps.log_id, deps.signer))
