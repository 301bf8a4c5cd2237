"""Budget stores, in memory and in Postgres, behind one interface for tests of their periods."""

from dataclasses import dataclass
from typing import Protocol

import asyncpg

from libs.adapters.quota.budgets.admin import PostgresBudgetAdmin
from libs.adapters.quota.budgets.lease_size import Holder, LeaseLimits
from libs.adapters.quota.budgets.lease_store import LeaseStore, PostgresLeaseStore
from libs.adapters.quota.budgets.usage_store import PostgresUsageStore
from libs.ports.quota import Period
from libs.testing.fake_clock import FakeClock
from tests.support.quota.ended_requests import JULIA, ended, now
from tests.support.quota.memory_budgets import Vault

RULES = LeaseLimits(tokens=1000, spend_s=30.0, request_s=30.0)
HOLDER = Holder("acme", "user", JULIA.user)


class BudgetBackend(Protocol):
    """Budgets of `HOLDER`. Times are Unix time."""

    @property
    def lease_store(self) -> LeaseStore: ...

    async def set_budget(self, period: Period, amount: int) -> None: ...

    async def book(self, cost: int, at: float) -> None: ...

    async def backdate_leases(self, at: float) -> None: ...


class FakeBackend:
    """The fake that unit tests use, at the present time."""

    def __init__(self) -> None:
        self.lease_store = Vault(FakeClock(now()), RULES)

    async def set_budget(self, period: Period, amount: int) -> None:
        self.lease_store.budgets[HOLDER, period] = amount

    async def book(self, cost: int, at: float) -> None:
        self.lease_store.book(JULIA, cost, at)

    async def backdate_leases(self, at: float) -> None:
        for chunk in self.lease_store.chunks.values():
            chunk.leased_at = at


@dataclass(frozen=True)
class PostgresBackend:
    """The budget store of a fleet."""

    lease_store: PostgresLeaseStore
    books: PostgresUsageStore
    budget_admin: PostgresBudgetAdmin
    owner_url: str

    async def set_budget(self, period: Period, amount: int) -> None:
        await self.budget_admin.set(HOLDER, {period: amount}, "root")

    async def book(self, cost: int, at: float) -> None:
        await self.books.record_usage(ended(cost, at=at))

    async def backdate_leases(self, at: float) -> None:
        owner = await asyncpg.connect(self.owner_url)
        await owner.execute("UPDATE moe.budget_leases SET leased_at = to_timestamp($1)", at)
        await owner.close()
