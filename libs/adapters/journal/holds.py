"""Stores legal holds in the journal's database."""

import uuid
from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager

import asyncpg

from libs.adapters.postgres.audit_outbox import AuditAct, record_act
from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.sessions import AS_TENANT, Connection, Session
from libs.core.database_roles import ERASER_ROLE
from libs.core.errors import Rejected
from libs.ports.custody import Hold, UnderLegalHold
from libs.runtime.settings.role_passwords import PasswordSource

_PLACE = """
INSERT INTO moe.holds (tenant, subject, reason, placed_by) VALUES ($1, $2, $3, $4)
RETURNING hold_id::text, tenant, subject, reason, placed_by, placed_at
"""
_OPEN = """
SELECT hold_id::text, tenant, subject, reason, placed_by, placed_at FROM moe.holds
WHERE tenant = $1 AND released_at IS NULL ORDER BY placed_at
"""
_RELEASE = """
UPDATE moe.holds SET released_at = now(), released_by = $2
WHERE hold_id = $1 AND released_at IS NULL RETURNING subject
"""
# Serializes holds and erasures: an erasure either sees the hold or was complete before it.
LOCK_HOLDS = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7305062))"


class NoSuchHold(Rejected):
    """No open hold has this id."""

    code = "no_such_hold"


class PostgresHolds:
    """Places, releases and lists the holds of one tenant."""

    def __init__(self, url: str, passwords: PasswordSource, tenant: str) -> None:
        self._url = url
        self._passwords = passwords
        self._tenant = tenant

    async def place(self, subject: str, reason: str, actor: str) -> Hold:
        """Hold a subject, or the whole tenant with `''`."""
        async with self._session() as session, session.transaction():
            await session.execute(AS_TENANT, self._tenant)
            await session.execute(LOCK_HOLDS, self._tenant)
            row = await session.fetchrow(_PLACE, self._tenant, subject, reason, actor)
            assert row is not None
            await record_act(
                session, AuditAct(self._tenant, "hold-placed", actor, target=row["hold_id"], detail=reason)
            )
        return _hold(row)

    async def release(self, hold_id: str, reason: str, actor: str) -> None:
        """Raises NoSuchHold, also for a malformed id and a released hold."""
        try:
            known = uuid.UUID(hold_id)
        except ValueError as error:
            raise NoSuchHold(f"{hold_id!r} is no hold's id") from error
        async with self._session() as session, session.transaction():
            await session.execute(AS_TENANT, self._tenant)
            if await session.fetchrow(_RELEASE, known, actor) is None:
                raise NoSuchHold(f"tenant {self._tenant} has no open hold {hold_id}")
            await record_act(session, AuditAct(self._tenant, "hold-released", actor, target=str(known), detail=reason))

    async def open(self) -> tuple[Hold, ...]:
        """Open holds, oldest first."""
        async with self._session() as session, session.transaction():
            await session.execute(AS_TENANT, self._tenant)
            return await open_holds(session, self._tenant)

    def _session(self) -> AbstractAsyncContextManager[Connection]:
        return logged_in(self._url, self._passwords, ERASER_ROLE)


async def open_holds(session: Session, tenant: str) -> tuple[Hold, ...]:
    """Requires a transaction with this tenant's context (`AS_TENANT`)."""
    return tuple(_hold(row) for row in await session.fetch(_OPEN, tenant))


def require_no_hold(holds: Sequence[Hold], persons: Collection[str]) -> None:
    """Raise UnderLegalHold if a hold covers one of these persons or the whole tenant."""
    if found := [hold.hold_id for hold in holds if not hold.subject or hold.subject in persons]:
        raise UnderLegalHold(f"under legal hold: {', '.join(found)}; `moe hold release` ends a hold")


def _hold(row: asyncpg.Record) -> Hold:
    placed_at = row["placed_at"].timestamp()
    return Hold(row["hold_id"], row["tenant"], row["subject"], row["reason"], row["placed_by"], placed_at)
