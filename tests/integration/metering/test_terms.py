"""Gateways apply changes of budgets and prices within seconds."""

from functools import partial

from libs.adapters.postgres.login import logged_in
from libs.adapters.quota.budgets.admin import PostgresBudgetAdmin
from libs.adapters.quota.budgets.config import BudgetConfig
from libs.adapters.quota.budgets.lease_size import Holder
from libs.core.database_roles import BUDGET_LEASE_ROLE
from libs.testing.waiting import eventually

HOLDER = Holder("acme", "user", "julia")
PATIENCE_S = 30.0


async def test_a_budget_is_known_soon(owner_url: str, signing_key: str, budget_admin: PostgresBudgetAdmin) -> None:
    terms = BudgetConfig(partial(logged_in, owner_url, signing_key, BUDGET_LEASE_ROLE))
    async with terms.watch:
        assert terms.watch.required
        await eventually(lambda: terms.known)
        assert not terms.watch.required
        assert not terms.has_budget(HOLDER)
        await budget_admin.set(HOLDER, {"total": 1}, "root")
        await eventually(lambda: terms.has_budget(HOLDER))
        await budget_admin.set(HOLDER, {"total": None}, "root")
        await eventually(lambda: not terms.has_budget(HOLDER))


async def test_what_a_model_costs_is_known_soon(
    owner_url: str, signing_key: str, budget_admin: PostgresBudgetAdmin
) -> None:
    terms = BudgetConfig(partial(logged_in, owner_url, signing_key, BUDGET_LEASE_ROLE))
    async with terms.watch:
        await eventually(lambda: terms.known)
        assert terms.cost("acme", "large", 10) == 10
        await budget_admin.price("large", 2.25, "root")
        await eventually(lambda: terms.cost("acme", "large", 10) == 23)
        assert terms.cost("other", "large", 10) == 10
