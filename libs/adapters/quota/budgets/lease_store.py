"""Budget leases in Postgres."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from libs.adapters.postgres.role_pool import RoleLogin, RolePool
from libs.adapters.postgres.sessions import DURABLY, PostgresUnavailable, Session
from libs.adapters.quota.budgets.lease_size import (
    Holder,
    LeaseLimits,
    PeriodStatus,
    daily_of,
    lease_size,
    spendable_for,
)
from libs.core.database_roles import BUDGET_LEASE_ROLE
from libs.core.errors import ConfigurationError
from libs.core.resource import Resource
from libs.ports.quota import BudgetStatus, BudgetUnknown
from libs.runtime.settings.role_passwords import PasswordSource

WAIT_S = 2.0
NOTHING: Mapping[str, int] = MappingProxyType({})
_POOL_SIZE = 4
# Days and months are those of UTC, whatever the server's time zone.
_SETTINGS = {"application_name": "moe budget lease", "timezone": "UTC"}
_TURN = f"SELECT pg_advisory_xact_lock(hashtextextended($1, 7305064)), {DURABLY}"
_STANDINGS = """
SELECT b.period, b.amount, coalesce(s.cost, 0) AS spent, (
    SELECT coalesce(sum(c.reserved), 0) FROM moe.budget_leases c
    WHERE (c.tenant, c.kind, c.holder) = (b.tenant, b.kind, b.holder)
    AND c.expires_at > statement_timestamp() AND c.leased_at >= p.starts
) AS reserved, p.resets_s
FROM moe.budgets b
CROSS JOIN LATERAL (
    SELECT date_trunc('day', statement_timestamp()) AS day, date_trunc('month', statement_timestamp()) AS month
) AS t
CROSS JOIN LATERAL (
    SELECT CASE b.period WHEN 'daily' THEN t.day WHEN 'monthly' THEN t.month ELSE '-infinity' END AS starts,
    CASE b.period
        WHEN 'daily' THEN extract(epoch FROM t.day + interval '1 day' - statement_timestamp())::float8
        WHEN 'monthly' THEN extract(epoch FROM t.month + interval '1 month' - statement_timestamp())::float8
        ELSE 'infinity'::float8
    END AS resets_s
) AS p
LEFT JOIN moe.spending s
ON (s.tenant, s.kind, s.holder, s.period, s.starts) = (b.tenant, b.kind, b.holder, b.period, p.starts::date)
WHERE b.tenant = $1 AND b.kind = $2 AND b.holder = $3
"""
_LEASE = """
INSERT INTO moe.budget_leases (tenant, kind, holder, amount, reserved, expires_at)
VALUES ($1, $2, $3, $4, $4, statement_timestamp() + make_interval(secs => $5)) RETURNING chunk_id::text
"""
_GIVE_BACK = """
UPDATE moe.budget_leases c SET reserved = greatest(0, c.reserved - b.amount)
FROM unnest($1::text[], $2::bigint[]) AS b (chunk_id, amount) WHERE c.chunk_id = b.chunk_id::uuid
"""
# Expired leases count nowhere; they stay for an hour for inspection.
_SWEEP = "DELETE FROM moe.budget_leases WHERE expires_at < now() - interval '1 hour'"


@dataclass(frozen=True, slots=True)
class NewLease:
    """`amount` may be spent for `spend_s` seconds from the time of the call.

    `daily` is the daily budget before the lease, None without one.
    """

    chunk_id: str
    amount: int
    spend_s: float
    daily: BudgetStatus | None


class LeaseLost(BudgetUnknown):
    """The store failed at the commit: it is unknown whether the lease and the release took effect."""


class LeaseStore(Protocol):
    async def lease(self, holder: Holder, need: int, back: Mapping[str, int] = NOTHING) -> NewLease | None:
        """Release `back`, amounts by lease id, and lease at least `need`; None if the holder has no budget.

        Raises BudgetExceeded and BudgetUnknown, and then did neither. After LeaseLost, both may have happened.
        """
        ...

    async def return_unused(self, amounts: Mapping[str, int]) -> None:
        """Release unspent amounts, by lease id. Raises BudgetUnknown; not idempotent."""
        ...


class PostgresLeaseStore(Resource):
    """Serves one call per holder at a time, by the database's clock.

    Logs in at its first use; leaving it closes the connections.
    """

    def __init__(self, url: str, passwords: PasswordSource, rules: LeaseLimits) -> None:
        self._pool = RolePool(url, passwords, RoleLogin(BUDGET_LEASE_ROLE, _SETTINGS, _POOL_SIZE))
        self._rules = rules

    async def _enter(self, stack: AsyncExitStack) -> None:
        stack.callback(self._pool.forget)

    async def lease(self, holder: Holder, need: int, back: Mapping[str, int] = NOTHING) -> NewLease | None:
        changed = False
        try:
            with _translated_errors():
                async with self._pool.session(WAIT_S) as session, session.transaction():
                    leased = await self._lease(session, holder, need, back)
                    changed = True
        except BudgetUnknown as error:
            if changed:
                raise LeaseLost(str(error)) from error
            raise
        return leased

    async def return_unused(self, amounts: Mapping[str, int]) -> None:
        with _translated_errors():
            async with self._pool.session(WAIT_S) as session:
                await _return_unused(session, amounts)
                await session.execute(_SWEEP)

    async def _lease(self, session: Session, holder: Holder, need: int, back: Mapping[str, int]) -> NewLease | None:
        await session.execute(_TURN, f"{holder.tenant}/{holder.kind}/{holder.id}")
        if back:
            await _return_unused(session, back)
        standings = await _standings(session, holder)
        if not standings:
            return None
        amount = lease_size(holder, standings, need, self._rules)
        lives_s = self._rules.spend_s + self._rules.request_s
        chunk_id = await session.fetchval(_LEASE, holder.tenant, holder.kind, holder.id, amount, lives_s)
        return NewLease(chunk_id, amount, spendable_for(standings, self._rules), daily_of(standings))


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except (PostgresUnavailable, ConfigurationError) as error:
        raise BudgetUnknown(str(error)) from error


async def _return_unused(session: Session, amounts: Mapping[str, int]) -> None:
    await session.execute(_GIVE_BACK, list(amounts), list(amounts.values()))


async def _standings(session: Session, holder: Holder) -> Sequence[PeriodStatus]:
    rows = await session.fetch(_STANDINGS, holder.tenant, holder.kind, holder.id)
    return [
        PeriodStatus(row["period"], row["amount"], int(row["spent"]), int(row["reserved"]), row["resets_s"])
        for row in rows
    ]
