"""Erases a subject: destroys its keys, removes its ciphertext, stores late records without content."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from libs.adapters.journal.holds import LOCK_HOLDS, open_holds, require_no_hold
from libs.adapters.journal.subject_keys import lock_subjects
from libs.adapters.postgres.audit_outbox import AuditAct, record_act
from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.sessions import AS_TENANT, Session
from libs.core.database_roles import ERASER_ROLE
from libs.core.ids import RESPONSE_PREFIX, SYSTEM_TENANT, response_uuid
from libs.ports.custody import ErasureResult, TopicTrace
from libs.runtime.settings.role_passwords import PasswordSource

# A gateway's clock may run ahead of the database's: records up to this much later still count as before the erasure.
CLOCK_SKEW_MS = 60_000
_LONGEST_ON_A_TOPIC_MS = 8 * 24 * 3_600_000

_NOW_MS = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"
_TRACES = """
SELECT topic, log_id, count(*) AS records, max(timestamp_ms) AS last_ms
FROM moe.journal JOIN moe.subject_keys USING (key_id)
WHERE subject_keys.tenant = $1 AND string_to_array(subject, '.') && $2::text[]
GROUP BY topic, log_id ORDER BY topic, log_id
"""
_RESPONSES = """
SELECT DISTINCT response_id FROM moe.journal JOIN moe.subject_keys USING (key_id)
WHERE subject_keys.tenant = $1 AND string_to_array(subject, '.') && $2::text[] AND response_id IS NOT NULL
ORDER BY response_id
"""
_OF_PERSONS = "FROM moe.subject_keys WHERE tenant = $1 AND string_to_array(subject, '.') && $2::text[]"
_KEYS = f"SELECT key_id {_OF_PERSONS} ORDER BY key_id"
_TOGETHER = f"SELECT DISTINCT unnest(string_to_array(subject, '.')) AS person {_OF_PERSONS}"
_EMPTY = """
UPDATE moe.journal SET content = NULL, salt = NULL, tag = NULL, key_id = NULL WHERE key_id = ANY($1::bigint[])
"""
_FORGET_OPEN = "DELETE FROM moe.write_ahead WHERE key_id = ANY($1::bigint[])"
_DESTROY = "DELETE FROM moe.subject_keys WHERE key_id = ANY($1::bigint[])"
_MARK = """
INSERT INTO moe.erasures AS known (tenant, subject, until_ms) SELECT $1, name, $3 FROM unnest($2::text[]) AS name
ON CONFLICT (tenant, subject) DO UPDATE SET until_ms = greatest(known.until_ms, excluded.until_ms)
"""
_REWRITE = "VACUUM (FULL) moe.subject_keys"
_KEYS_FILE = "SELECT pg_relation_filenode('moe.subject_keys')"


@dataclass(frozen=True, slots=True)
class ErasureRequest:
    """The data subject to erase, and the operator.

    `persons` are the pseudonyms of one person: at least one, none empty. All records about the person are erased: those
    of keys that it owns, and those in which a client named it.
    """

    tenant: str
    persons: tuple[str, ...]
    actor: str


async def erase(url: str, passwords: PasswordSource, request: ErasureRequest, *, dry_run: bool) -> ErasureResult:
    """Erase a subject in one transaction, or only count.

    A repetition also erases records that have arrived since. Raises UnderLegalHold, ConfigurationError and
    PostgresUnavailable.
    """
    async with logged_in(url, passwords, ERASER_ROLE) as session, session.transaction():
        await session.execute(AS_TENANT, request.tenant)
        await session.execute(LOCK_HOLDS, request.tenant)
        require_no_hold(await open_holds(session, request.tenant), await _with_others(session, request))
        if not dry_run:
            await _lock(session, request)
        now_ms: int = await session.fetchval(_NOW_MS)
        responses = await responses_of(session, request.tenant, request.persons)
        names = {request.tenant: [*request.persons], SYSTEM_TENANT: [*request.persons, *system_subjects(responses)]}
        parts = [
            await _erase_part(session, _Part(tenant, subjects, now_ms), dry_run=dry_run)
            for tenant, subjects in names.items()
        ]
        erased = _sum(request, now_ms, responses, parts)
        if not dry_run:
            detail = f"{erased.rows} rows of {len(responses)} responses, {erased.keys} keys"
            persons = ",".join(request.persons)
            await record_act(
                session, AuditAct(request.tenant, "subject-erased", request.actor, target=persons, detail=detail)
            )
    return erased


async def rewrite_keys(owner: Session) -> bool:
    """Rewrite the table of keys, so that none of its files holds a destroyed key. False without the permission."""
    before = await owner.fetchval(_KEYS_FILE)
    await owner.execute(_REWRITE)  # without the permission, Postgres warns and skips the table
    return bool(before != await owner.fetchval(_KEYS_FILE))


@dataclass(frozen=True, slots=True)
class _Part:
    tenant: str
    subjects: list[str]
    now_ms: int

    @property
    def expected(self) -> list[str]:
        """Subjects that may still receive records: no topic retains a record longer than `_LONGEST_ON_A_TOPIC_MS`."""
        return [name for name in self.subjects if not _is_over(name, self.now_ms - _LONGEST_ON_A_TOPIC_MS)]


@dataclass(frozen=True, slots=True)
class _Taken:
    keys: int
    traces: list[asyncpg.Record]


async def _with_others(session: Session, request: ErasureRequest) -> frozenset[str]:
    """The person and all persons with the same records: a hold on any of them covers these."""
    rows = await session.fetch(_TOGETHER, request.tenant, request.persons)
    return frozenset((*request.persons, *(row["person"] for row in rows)))


async def _lock(session: Session, request: ErasureRequest) -> None:
    """Block the writers of this person: running writes commit first, later ones wait."""
    await lock_subjects(session, request.tenant, request.persons)
    await session.fetch(_KEYS + " FOR UPDATE", request.tenant, request.persons)


async def _erase_part(session: Session, part: _Part, *, dry_run: bool) -> _Taken:
    await session.execute(AS_TENANT, part.tenant)
    traces = await session.fetch(_TRACES, part.tenant, part.subjects)
    if dry_run:
        return _Taken(len(await session.fetch(_KEYS, part.tenant, part.subjects)), traces)
    await lock_subjects(session, part.tenant, part.subjects)
    await session.execute(_MARK, part.tenant, part.expected, part.now_ms + CLOCK_SKEW_MS)
    keys = [row["key_id"] for row in await session.fetch(_KEYS + " FOR UPDATE", part.tenant, part.subjects)]
    traces = await session.fetch(_TRACES, part.tenant, part.subjects)
    await session.execute(_EMPTY, keys)
    await session.execute(_FORGET_OPEN, keys)
    await session.execute(_DESTROY, keys)
    return _Taken(len(keys), traces)


async def responses_of(session: Session, tenant: str, persons: Sequence[str]) -> list[str]:
    """Responses with records about these persons. Requires a transaction with this tenant's context."""
    return [row["response_id"] for row in await session.fetch(_RESPONSES, tenant, persons)]


def system_subjects(responses: Sequence[str]) -> list[str]:
    """Subjects of system records that claim to be about these responses."""
    return [response_id.removeprefix(RESPONSE_PREFIX) for response_id in responses if _uuid_ms(response_id) is not None]


def _uuid_ms(response_id: str) -> int | None:
    try:
        return response_uuid(response_id).int >> 80
    except ValueError:
        return None


def _is_over(name: str, before_ms: int) -> bool:
    made_ms = _uuid_ms(RESPONSE_PREFIX + name)
    return made_ms is not None and made_ms < before_ms


def _sum(request: ErasureRequest, now_ms: int, responses: Sequence[str], parts: Sequence[_Taken]) -> ErasureResult:
    traces = tuple(
        TopicTrace(row["topic"], row["log_id"], row["records"], row["last_ms"]) for part in parts for row in part.traces
    )
    return ErasureResult(
        tenant=request.tenant,
        persons=request.persons,
        at_ms=now_ms,
        keys=sum(part.keys for part in parts),
        rows=sum(trace.records for trace in traces),
        responses=tuple(responses),
        topics=traces,
    )
