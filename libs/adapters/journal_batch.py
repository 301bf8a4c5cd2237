"""One batch of entries into the journal: tenant by tenant, in one transaction."""

import asyncio
from collections.abc import Sequence
from itertools import groupby

import asyncpg

from libs.adapters.batches import Outcomes
from libs.adapters.journal_cipher import SubjectKey
from libs.adapters.journal_rows import FINGERPRINTS, INSERT, Kept, columns, kept, outcomes, positions, said_ms
from libs.adapters.journal_subjects import SubjectKeys
from libs.adapters.postgres import Session
from libs.core.errors import Rejected
from libs.ports.journal import JournalEntry, Position

AS_TENANT = "SELECT set_config('moe.tenant', $1, true)"


class KeyGone(Exception):
    """A subject was erased while its key was remembered: nothing of the batch was stored."""


async def stored(session: Session, entries: Sequence[JournalEntry], keys: SubjectKeys) -> Outcomes:
    """Store entries and return one outcome each, in their order. Storing twice changes nothing.

    Raises KeyGone, after which the same may be tried again, and asyncpg's errors.
    """
    # One order for everybody: two replicas with the same rows in hand never wait for each other.
    ordered = sorted(entries, key=lambda entry: (entry.owner.tenant, entry.position))
    found: dict[Position, Rejected | None] = {}
    async with session.transaction():
        for tenant, group in groupby(ordered, key=lambda entry: entry.owner.tenant):
            of_tenant = tuple(group)
            await session.execute(AS_TENANT, tenant)
            results = await _stored_for(session, tenant, of_tenant, keys)
            found |= {entry.position: result for entry, result in zip(of_tenant, results, strict=True)}
    return [found[entry.position] for entry in entries]


async def _stored_for(
    session: Session, tenant: str, entries: Sequence[JournalEntry], keys: SubjectKeys
) -> Sequence[Rejected | None]:
    said = {entry.owner.subject: said_ms(entry) for entry in sorted(entries, key=said_ms)}
    subjects = await keys.of(session, tenant, said)
    of_entry = [subjects[entry.owner.subject].key_for(said_ms(entry)) for entry in entries]
    rows = await asyncio.to_thread(_kept_all, entries, of_entry)
    try:
        status = await session.execute(INSERT, *columns(entries, rows))
    except asyncpg.ForeignKeyViolationError as error:
        keys.forget(tenant, said)
        raise KeyGone from error
    if status == f"INSERT 0 {len(entries)}":
        return [None] * len(entries)
    return outcomes(entries, rows, await session.fetch(FINGERPRINTS, *positions(entries)))


def _kept_all(entries: Sequence[JournalEntry], keys: Sequence[SubjectKey | None]) -> list[Kept]:
    return [kept(entry, key) for entry, key in zip(entries, keys, strict=True)]
