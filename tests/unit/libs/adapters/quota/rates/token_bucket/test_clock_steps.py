"""The clock of the machine is set by an hour: leases of budgets and places of streams last as long as granted."""

import pytest

from libs.adapters.quota.budgets.lease_size import Holder, LeaseLimits
from libs.adapters.quota.budgets.limiter import BudgetLimiter
from libs.adapters.quota.rates import LocalStore
from libs.adapters.quota.rates.store import LEASE_S
from libs.adapters.quota.rates.token_bucket import Draw
from libs.testing.fake_clock import FakeClock
from tests.support.quota.callers import caller, entry
from tests.support.quota.memory_budgets import DAY_S, Vault

HOUR_S = 3600.0
NOON = 20_000 * DAY_S + DAY_S / 2
RULES = LeaseLimits(tokens=200, spend_s=60.0, request_s=120.0)


@pytest.mark.parametrize("step_s", [HOUR_S, -HOUR_S])
async def test_a_budget_lease_is_spent_for_its_time_and_no_longer(step_s: float) -> None:
    clock = FakeClock(NOON)
    vault = Vault(clock, RULES, {(Holder("acme", "user", "julia"), "total"): 10_000})
    budgets = BudgetLimiter(vault, vault, clock)
    await budgets.reserve(entry(caller(), 10))
    clock.step(step_s)
    clock.advance(RULES.spend_s - 1)
    await budgets.reserve(entry(caller(), 10))
    assert vault.leases == 1
    clock.advance(2)
    await budgets.reserve(entry(caller(), 10))
    assert vault.leases == 2


@pytest.mark.parametrize("step_s", [HOUR_S, -HOUR_S])
async def test_a_place_of_a_stream_and_a_bucket_follow_the_time_that_passes(step_s: float) -> None:
    clock = FakeClock(NOON)
    store = LocalStore(clock)
    await store.open_stream("key", "one", 1)
    await store.draw("key", Draw(60, 60))
    clock.step(step_s)
    assert (await store.draw("key", Draw(60, 10))).granted == 0
    assert await store.open_stream("key", "two", 1) == LEASE_S
    clock.advance(LEASE_S)
    assert (await store.draw("key", Draw(60, 10))).granted >= 10
    assert await store.open_stream("key", "two", 1) == 0
