"""Retention: removes expired content. Headers, commitments and chain stay, so that the chain still verifies."""

from libs.adapters.journal.erasure import responses_of, system_subjects
from libs.adapters.journal.holds import LOCK_HOLDS, open_holds
from libs.adapters.postgres.audit_outbox import AuditAct, record_act
from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.sessions import AS_TENANT, Session
from libs.core.database_roles import ERASER_ROLE
from libs.core.ids import SYSTEM_TENANT
from libs.ports.custody import PruningResult
from libs.runtime.settings.role_passwords import PasswordSource

_DAY_MS = 86_400_000
_BATCH = 10_000
_NOW_MS = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"
_TENANTS = "SELECT tenant FROM moe.heads ORDER BY tenant"
# A row that is the dictionary of others stays as long as they do.
_OVER = """
FROM moe.journal j JOIN moe.subject_keys k USING (key_id)
WHERE j.tenant = $1 AND received_us < $2 AND NOT string_to_array(subject, '.') && $3::text[]
AND NOT EXISTS (SELECT FROM moe.journal d WHERE d.base_id = j.id AND d.key_id IS NOT NULL AND d.received_us >= $2)
"""
_COUNT = f"SELECT count(*) {_OVER}"
_EMPTY = f"""
UPDATE moe.journal SET content = NULL, salt = NULL, tag = NULL, key_id = NULL
WHERE id IN (SELECT j.id {_OVER} LIMIT $4)
"""
_UNUSED = """
DELETE FROM moe.subject_keys WHERE tenant = $1 AND NOT string_to_array(subject, '.') && $2::text[]
AND NOT EXISTS (SELECT FROM moe.journal WHERE journal.key_id = subject_keys.key_id)
AND NOT EXISTS (SELECT FROM moe.write_ahead WHERE write_ahead.key_id = subject_keys.key_id)
"""


async def known_tenants(url: str, passwords: PasswordSource) -> tuple[str, ...]:
    async with logged_in(url, passwords, ERASER_ROLE) as session:
        return tuple(row["tenant"] for row in await session.fetch(_TENANTS))


class Pruner:
    """Removes content that is older than its tenant's retention and under no hold."""

    def __init__(self, url: str, passwords: PasswordSource, actor: str) -> None:
        self._url = url
        self._passwords = passwords
        self._actor = actor

    async def prune(self, tenant: str, days: int, *, dry_run: bool) -> PruningResult:
        """Prune one tenant. Idempotent. Raises ConfigurationError and PostgresUnavailable."""
        async with logged_in(self._url, self._passwords, ERASER_ROLE) as session:
            before_ms = await session.fetchval(_NOW_MS) - days * _DAY_MS
            async with session.transaction():
                held = await _held_subjects(session, tenant)
            if "" in held:
                return PruningResult(tenant, before_ms, 0, 0, held=True)
            if dry_run:
                return await self._counted(session, PruningResult(tenant, before_ms, 0, 0, held=False), held)
            return await self._emptied(session, PruningResult(tenant, before_ms, 0, 0, held=False))

    async def _counted(self, session: Session, plan: PruningResult, held: list[str]) -> PruningResult:
        async with session.transaction():
            await session.execute(AS_TENANT, plan.tenant)
            rows = await session.fetchval(_COUNT, plan.tenant, plan.before_ms * 1000, held)
        return PruningResult(plan.tenant, plan.before_ms, rows, 0, held=False)

    async def _emptied(self, session: Session, plan: PruningResult) -> PruningResult:
        rows = 0
        while done := await self._batch(session, plan):
            rows += done
        keys = await self._finished(session, plan, rows)
        return PruningResult(plan.tenant, plan.before_ms, rows, keys, held=False)

    async def _batch(self, session: Session, plan: PruningResult) -> int:
        async with session.transaction():
            held = await _held_subjects(session, plan.tenant)
            if "" in held:
                return 0
            return _count(await session.execute(_EMPTY, plan.tenant, plan.before_ms * 1000, held, _BATCH))

    async def _finished(self, session: Session, plan: PruningResult, rows: int) -> int:
        async with session.transaction():
            held = await _held_subjects(session, plan.tenant)
            keys = _count(await session.execute(_UNUSED, plan.tenant, held))
            if rows or keys:
                act = AuditAct(
                    plan.tenant,
                    "content-expired",
                    self._actor,
                    target=f"before {plan.before_ms}",
                    reason="retention",
                    detail=f"{rows} rows, {keys} keys",
                )
                await record_act(session, act)
        return keys


async def _held_subjects(session: Session, tenant: str) -> list[str]:
    """The held subjects; no hold can be added before this transaction ends, which then has the context of `tenant`.

    Holds of every tenant cover the system's records about its persons and their responses.
    """
    tenants = [row["tenant"] for row in await session.fetch(_TENANTS)] if tenant == SYSTEM_TENANT else []
    held: list[str] = []
    for each in sorted({tenant, *tenants}):  # in one order: two prunings cannot deadlock
        await session.execute(AS_TENANT, each)
        await session.execute(LOCK_HOLDS, each)
        subjects = [hold.subject for hold in await open_holds(session, each)]
        held += subjects
        if tenant == SYSTEM_TENANT and any(subjects):
            held += system_subjects(await responses_of(session, each, subjects))
    await session.execute(AS_TENANT, tenant)
    return held


def _count(status: str) -> int:
    return int(status.rsplit(" ", 1)[1])
