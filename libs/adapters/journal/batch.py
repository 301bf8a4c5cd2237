"""Stores one batch of entries, tenant by tenant, in one transaction."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import asyncpg

from libs.adapters.journal.bases import Base, Bases, Name, bases_in, is_opening
from libs.adapters.journal.cipher import SubjectKey
from libs.adapters.journal.rows import (
    FINGERPRINTS,
    INSERT,
    StoredContent,
    columns,
    outcomes,
    position_of,
    positions,
    request_time_ms,
    stored_content,
)
from libs.adapters.journal.subject_keys import SubjectKeys
from libs.adapters.postgres.sessions import AS_WRITER, Session
from libs.core.batching import Outcomes
from libs.core.errors import Rejected
from libs.ports.journal import JournalEntry, Position


class SubjectKeyErased(Exception):
    """A subject was erased while its key was cached. Nothing of the batch is stored."""


@dataclass
class Batch:
    """Stores entries through a session. `fresh` holds the openings that its transaction inserted."""

    session: Session
    keys: SubjectKeys
    bases: Bases
    fresh: dict[Name, Base] = field(default_factory=dict)

    async def stored(self, entries: Sequence[JournalEntry]) -> Outcomes:
        """Store entries and return one outcome each, in their order. Idempotent.

        Raises asyncpg's errors, and SubjectKeyErased, after which a new batch may retry the same entries.
        """
        # All replicas insert in the same order, so two of them with the same rows cannot deadlock.
        ordered = sorted(entries, key=lambda entry: (entry.owner.tenant, not is_opening(entry), entry.position))
        found: dict[Position, Rejected | None] = {}
        async with self.session.transaction():
            for tenant, group in groupby(ordered, key=lambda entry: entry.owner.tenant):
                await self.session.execute(AS_WRITER, tenant)
                found |= await self._stored_for(tenant, tuple(group))
        self.bases.remember(self.fresh)
        return [found[entry.position] for entry in entries]

    async def _stored_for(self, tenant: str, entries: Sequence[JournalEntry]) -> dict[Position, Rejected | None]:
        times_of = {entry.owner.subject: request_time_ms(entry) for entry in sorted(entries, key=request_time_ms)}
        subjects = await self.keys.of(self.session, tenant, times_of)
        found: dict[Position, Rejected | None] = {}
        try:
            for _, group in groupby(entries, key=is_opening):
                alike = tuple(group)
                keys = [subjects[entry.owner.subject].key_for(request_time_ms(entry)) for entry in alike]
                results = await self._inserted(alike, keys)
                found |= {entry.position: result for entry, result in zip(alike, results, strict=True)}
        except asyncpg.ForeignKeyViolationError as error:
            self.keys.forget(tenant, times_of)
            self.bases.forget_all()
            raise SubjectKeyErased from error
        return found

    async def _inserted(
        self, entries: Sequence[JournalEntry], keys: Sequence[SubjectKey | None]
    ) -> Sequence[Rejected | None]:
        bases = [self.bases.of(entry, key, self.fresh) for entry, key in zip(entries, keys, strict=True)]
        rows = await asyncio.to_thread(_encrypt_all, entries, keys, bases)
        inserted = await self.session.fetch(INSERT, *columns(entries, rows))
        self.fresh |= bases_in(entries, keys, {position_of(row): row["id"] for row in inserted})
        if len(inserted) == len(entries):
            return [None] * len(entries)
        return outcomes(entries, rows, await self.session.fetch(FINGERPRINTS, *positions(entries)))


def _encrypt_all(
    entries: Sequence[JournalEntry], keys: Sequence[SubjectKey | None], bases: Sequence[Base | None]
) -> list[StoredContent]:
    return [stored_content(*each) for each in zip(entries, keys, bases, strict=True)]
