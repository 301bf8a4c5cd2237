"""Subject keys for writers of the journal."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from libs.adapters.journal.cipher import SubjectKey, TenantKey
from libs.adapters.postgres.sessions import Session
from libs.core.clock import Clock
from libs.core.ids import SYSTEM_TENANT
from libs.core.subjects import persons_in
from libs.runtime.settings.journal_secrets import JournalSecrets

MEMORY_S = 60.0
NEVER_MS = -(2**63)  # brokers accept times before 1970
_MEMORY = 4096

_LOOK_UP = """
SELECT wanted.subject, key_id, wrapped, (
    SELECT max(until_ms) FROM moe.erasures
    WHERE erasures.tenant = $1 AND erasures.subject = ANY(string_to_array(wanted.subject, '.'))
) AS until_ms
FROM unnest($2::text[]) AS wanted (subject)
LEFT JOIN moe.subject_keys ON subject_keys.tenant = $1 AND subject_keys.subject = wanted.subject
"""
_ANY = "SELECT key_id, subject, wrapped FROM moe.subject_keys WHERE tenant = $1 LIMIT 1"
_MAKE = "INSERT INTO moe.subject_keys (tenant, subject, wrapped) VALUES ($1, $2, $3) RETURNING key_id"
# Serializes key creation and erasure of a person: otherwise a key could appear unseen by an erasure.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7305061))"
_LOCK_SHARED = "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 7305061))"


@dataclass(frozen=True, slots=True)
class Subject:
    """`key` is None for an erased subject without later records. `erased_until_ms` is Unix time."""

    key: SubjectKey | None
    erased_until_ms: int = NEVER_MS

    def key_for(self, recorded_ms: int) -> SubjectKey | None:
        """Key for a record of this time (Unix ms); None: store it without content."""
        return self.key if recorded_ms > self.erased_until_ms else None


async def lock_subjects(session: Session, tenant: str, subjects: Iterable[str]) -> None:
    """Wait until no other transaction creates or destroys keys of these subjects, or of their persons.

    All callers lock in one order, so transactions cannot deadlock. The system's subjects share one lock.
    """
    if tenant == SYSTEM_TENANT:
        await session.execute(_LOCK, tenant)
        return
    whole = set(subjects)
    persons = {person for subject in whole for person in persons_in(subject)}
    for name in sorted(whole | persons):
        await session.execute(_LOCK if name in whole else _LOCK_SHARED, f"{tenant}\n{name}")


def _lacks_key(subject: Subject, recorded_ms: int) -> bool:
    return subject.key is None and recorded_ms > subject.erased_until_ms


class SubjectKeys:
    """Caches up to 4,096 subjects for a minute each; creates missing keys.

    A cached key never outlives an erasure: a row refers to its key, so the database rejects rows under a destroyed key.
    The cache expires all the same, so that no process holds a destroyed key for long.
    """

    def __init__(self, secrets: JournalSecrets, clock: Clock) -> None:
        self._secrets = secrets
        self._clock = clock
        self._remembered: OrderedDict[tuple[str, str], tuple[float, Subject]] = OrderedDict()
        self._tenants: dict[str, TenantKey] = {}

    async def of(self, session: Session, tenant: str, latest_ms: Mapping[str, int]) -> dict[str, Subject]:
        """Load the subjects of a tenant; create missing keys. Requires a transaction.

        `latest_ms` maps each subject to the time of its latest record, Unix ms.
        """
        self._forget_old()
        known = {subject: found[1] for subject in latest_ms if (found := self._remembered.get((tenant, subject)))}
        if missing := sorted(latest_ms.keys() - known.keys()):
            looked_up = await self._looked_up(session, tenant, missing)
            lacking = {name: latest_ms[name] for name in missing if _lacks_key(looked_up[name], latest_ms[name])}
            if lacking:
                looked_up |= await self._made(session, tenant, lacking)
            for name in missing:
                known[name] = self._remember(tenant, name, looked_up[name])
        return known

    def remembered(self, tenant: str, subject: str) -> Subject | None:
        """A subject that was looked up within the last minute and has a key; None otherwise."""
        self._forget_old()
        found = self._remembered.get((tenant, subject))
        return found[1] if found is not None else None

    def forget(self, tenant: str, subjects: Iterable[str]) -> None:
        """Drop cached subjects: the database rejected a row under one of their keys."""
        for subject in subjects:
            self._remembered.pop((tenant, subject), None)

    async def _looked_up(self, session: Session, tenant: str, names: Sequence[str]) -> dict[str, Subject]:
        rows = await session.fetch(_LOOK_UP, tenant, names)
        return {row["subject"]: self._read(tenant, row) for row in rows}

    async def _made(self, session: Session, tenant: str, latest_ms: Mapping[str, int]) -> dict[str, Subject]:
        """Create missing keys, unless another transaction has created or forbidden them meanwhile."""
        await lock_subjects(session, tenant, latest_ms)
        found = await self._looked_up(session, tenant, sorted(latest_ms))
        for name, subject in found.items():
            if _lacks_key(subject, latest_ms[name]):
                found[name] = Subject(await self._made_key(session, tenant, name), subject.erased_until_ms)
        return found

    def _read(self, tenant: str, row: asyncpg.Record) -> Subject:
        until_ms = NEVER_MS if row["until_ms"] is None else row["until_ms"]
        if row["key_id"] is None:
            return Subject(None, until_ms)
        return Subject(self._tenant(tenant).unwrap(row["key_id"], row["subject"], row["wrapped"]), until_ms)

    async def _made_key(self, session: Session, tenant: str, subject: str) -> SubjectKey:
        """Create a key.

        Unwraps an existing one first: a key under another master key would lock out all other processes.
        """
        if (known := await session.fetchrow(_ANY, tenant)) is not None:
            self._tenant(tenant).unwrap(known["key_id"], known["subject"], known["wrapped"])
        wrapped = self._tenant(tenant).wrapped(subject)
        key_id: int = await session.fetchval(_MAKE, tenant, subject, wrapped)
        return self._tenant(tenant).unwrap(key_id, subject, wrapped)

    def _tenant(self, tenant: str) -> TenantKey:
        if tenant not in self._tenants:
            self._tenants[tenant] = TenantKey(self._secrets, tenant)
        return self._tenants[tenant]

    def _remember(self, tenant: str, name: str, subject: Subject) -> Subject:
        if subject.key is not None:
            self._remembered[tenant, name] = (self._clock.monotonic() + MEMORY_S, subject)
        return subject

    def _forget_old(self) -> None:
        now = self._clock.monotonic()
        while self._remembered:
            oldest = next(iter(self._remembered.values()))[0]
            if oldest > now and len(self._remembered) <= _MEMORY:
                return
            self._remembered.popitem(last=False)
