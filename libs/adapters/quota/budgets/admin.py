"""Budgets, model prices and usage of one tenant."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal

import asyncpg

from libs.adapters.postgres.audit_outbox import AuditAct, record_act
from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.sessions import AS_TENANT, Connection, Session
from libs.adapters.quota.budgets.lease_size import Holder
from libs.adapters.quota.budgets.prices import price_name
from libs.core.database_roles import BUDGET_ADMIN_ROLE
from libs.ports.quota import Period
from libs.runtime.settings.role_passwords import PasswordSource

Grouping = Literal["user", "team", "key", "model", "day"]
GROUPINGS: Mapping[Grouping, str] = {
    "user": "user_id",
    "team": "team_id",
    "key": "key_id",
    "model": "model",
    "day": "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
}
_SET = """
INSERT INTO moe.budgets (tenant, kind, holder, period, amount) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant, kind, holder, period) DO UPDATE SET amount = EXCLUDED.amount, set_at = now()
"""
_LIFT = "DELETE FROM moe.budgets WHERE tenant = $1 AND kind = $2 AND holder = $3 AND period = $4"
_PRICE = """
INSERT INTO moe.model_costs (tenant, model, factor) VALUES ($1, $2, $3::float8::numeric)
ON CONFLICT (tenant, model) DO UPDATE SET factor = EXCLUDED.factor
"""
_PRICES = "SELECT model, factor::float8 FROM moe.model_costs WHERE tenant = $1 ORDER BY model"
_LINES = """
SELECT b.kind, b.holder, b.period, b.amount, coalesce(s.cost, 0) AS spent, (
    SELECT coalesce(sum(c.reserved), 0) FROM moe.budget_leases c
    WHERE (c.tenant, c.kind, c.holder) = (b.tenant, b.kind, b.holder) AND c.expires_at > now()
) AS reserved
FROM moe.budgets b LEFT JOIN moe.spending s
ON (s.tenant, s.kind, s.holder, s.period) = (b.tenant, b.kind, b.holder, b.period)
AND s.starts = CASE b.period
    WHEN 'daily' THEN (now() AT TIME ZONE 'UTC')::date
    WHEN 'monthly' THEN date_trunc('month', now() AT TIME ZONE 'UTC')::date
    ELSE '-infinity'
END
WHERE b.tenant = $1 ORDER BY b.kind, b.holder, b.period
"""
_USAGE = """
SELECT {by} AS name, count(*) AS requests, sum(prompt_tokens) AS prompt_tokens,
       sum(completion_tokens) AS completion_tokens, sum(cost) AS cost
FROM moe.usage WHERE tenant = $1 AND at >= now() - make_interval(days => $2) GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One budget now, in tokens times cost factor. `reserved` is leased by gateways or held by open requests."""

    kind: str
    holder: str
    period: str
    amount: int
    spent: int
    reserved: int


@dataclass(frozen=True, slots=True)
class UsageLine:
    """Usage of one user, team, key or model, or of one day (UTC)."""

    name: str
    requests: int
    prompt_tokens: int
    completion_tokens: int
    cost: int


class PostgresBudgetAdmin:
    """Budgets and usage of one tenant. Every method raises ConfigurationError and PostgresUnavailable."""

    def __init__(self, url: str, passwords: PasswordSource, tenant: str) -> None:
        self._url = url
        self._passwords = passwords
        self._tenant = tenant

    async def set(self, holder: Holder, amounts: Mapping[Period, int | None], actor: str) -> None:
        """Set budgets from now on; None removes one. Earlier spending counts."""
        async with self._session() as session, session.transaction():
            await session.execute(AS_TENANT, self._tenant)
            for period, amount in amounts.items():
                await self._set(session, holder, period, amount)
            change = ", ".join(f"{period}={'none' if amount is None else amount}" for period, amount in amounts.items())
            await self._act(session, "budget-set", actor, f"{holder.kind} {holder.id}", change)

    async def price(self, model: str, factor: float, actor: str) -> str:
        """Set the cost factor of a model's tokens, from the next request on; return the name of the price.

        A name that ends in `*` prices all models with that prefix and no price of their own.
        """
        name = price_name(model)
        async with self._session() as session, session.transaction():
            await session.execute(AS_TENANT, self._tenant)
            await session.execute(_PRICE, self._tenant, name, factor)
            await self._act(session, "model-priced", actor, name, f"factor={factor:g}")
        return name

    async def prices(self) -> Mapping[str, float]:
        """Cost factors by model name."""
        return {row["model"]: row["factor"] for row in await self._read(_PRICES, self._tenant)}

    async def lines(self) -> Sequence[BudgetLine]:
        rows = await self._read(_LINES, self._tenant)
        return [BudgetLine(**{**row, "spent": int(row["spent"]), "reserved": int(row["reserved"])}) for row in rows]

    async def usage(self, by: Grouping, days: int) -> Sequence[UsageLine]:
        """Usage in the last `days` days, ordered by name."""
        rows = await self._read(_USAGE.format(by=GROUPINGS[by]), self._tenant, days)
        return [UsageLine(name, requests, *map(int, sums)) for name, requests, *sums in rows]

    async def _set(self, session: Session, holder: Holder, period: Period, amount: int | None) -> None:
        if amount is None:
            await session.execute(_LIFT, self._tenant, holder.kind, holder.id, period)
        else:
            await session.execute(_SET, self._tenant, holder.kind, holder.id, period, amount)

    async def _act(self, session: Session, action: str, actor: str, target: str, detail: str) -> None:
        await record_act(session, AuditAct(self._tenant, action, actor, target, detail=detail))

    async def _read(self, statement: str, *values: object) -> Sequence[asyncpg.Record]:
        async with self._session() as session, session.transaction():
            await session.execute(AS_TENANT, self._tenant)
            return await session.fetch(statement, *values)

    def _session(self) -> AbstractAsyncContextManager[Connection]:
        return logged_in(self._url, self._passwords, BUDGET_ADMIN_ROLE)
