"""Postgres fails and recovers under a gateway that holds a budget lease."""

import asyncio
from functools import partial

import pytest

from libs.adapters.journal.pool import migrated
from libs.adapters.postgres.login import logged_in
from libs.adapters.quota.budgets.admin import PostgresBudgetAdmin
from libs.adapters.quota.budgets.config import BudgetConfig
from libs.adapters.quota.budgets.lease_size import Holder, LeaseLimits
from libs.adapters.quota.budgets.lease_store import PostgresLeaseStore
from libs.adapters.quota.budgets.limiter import BudgetLimiter
from libs.core.database_roles import BUDGET_LEASE_ROLE
from libs.embedded.postgres import Postgres
from libs.ports.quota import BudgetUnknown
from libs.testing.stores import running, throw_away_folders
from libs.testing.waiting import eventually, waiting
from tests.support.quota.callers import caller, entry

HOLDER = Holder("acme", "user", "julia")
RULES = LeaseLimits(tokens=1000, spend_s=600.0, request_s=30.0)


async def test_what_was_set_aside_outlasts_an_outage_and_no_more(signing_key: str) -> None:
    with throw_away_folders() as folders:
        async with running(Postgres(folders, durable=False)) as server:
            url = server.launch.gives.postgres_url
            assert url is not None
            await migrated(url, signing_key)
            await PostgresBudgetAdmin(url, signing_key, "acme").set(HOLDER, {"total": 100_000}, "root")
            terms = BudgetConfig(partial(logged_in, url, signing_key, BUDGET_LEASE_ROLE))
            lease_store = PostgresLeaseStore(url, signing_key, RULES)
            async with terms.watch, lease_store:
                await eventually(lambda: terms.known and terms.has_budget(HOLDER))
                budgets = BudgetLimiter(terms, lease_store)
                await budgets.reserve(entry(caller(), 10))
                server.kill()
                await server.stop()
                for _ in range(9):
                    await budgets.reserve(entry(caller(), 100))
                with pytest.raises(BudgetUnknown):
                    await budgets.reserve(entry(caller(), 100))
                await server.restart()
                await _entered(budgets)


async def _entered(budgets: BudgetLimiter) -> None:
    """Reserve as soon as budgets are known again. Raises TimeoutError."""
    async with waiting(60):
        while True:
            try:
                await budgets.reserve(entry(caller(), 100))
            except BudgetUnknown:
                await asyncio.sleep(0.05)
            else:
                return
