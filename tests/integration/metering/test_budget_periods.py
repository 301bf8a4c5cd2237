"""Costs that count in a daily, monthly and total budget: one suite for Postgres and for the fake."""

from datetime import UTC, datetime, timedelta

import pytest

from libs.adapters.quota.budgets.admin import PostgresBudgetAdmin
from libs.adapters.quota.budgets.lease_store import PostgresLeaseStore
from libs.adapters.quota.budgets.usage_store import PostgresUsageStore
from libs.ports.quota import BudgetExceeded, Period
from tests.support.quota.budget_backends import HOLDER, BudgetBackend, FakeBackend, PostgresBackend
from tests.support.quota.ended_requests import now

PERIODS: tuple[Period, ...] = ("daily", "monthly", "total")


@pytest.fixture
def fake() -> BudgetBackend:
    return FakeBackend()


@pytest.fixture
def real(
    lease_store: PostgresLeaseStore, books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin, owner_url: str
) -> BudgetBackend:
    return PostgresBackend(lease_store, books, budget_admin, owner_url)


@pytest.fixture(params=["fake", "real"])
def backend(request: pytest.FixtureRequest) -> BudgetBackend:
    found: BudgetBackend = request.getfixturevalue(request.param)
    return found


def start_of(period: Period) -> float:
    today = datetime.fromtimestamp(now(), UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return {"daily": today, "monthly": today.replace(day=1), "total": datetime(2024, 2, 29, tzinfo=UTC)}[
        period
    ].timestamp()


def seconds_left_of(period: Period) -> float:
    """Remaining seconds of the day or the month."""
    length = timedelta(days=1 if period == "daily" else 31)
    after = datetime.fromtimestamp(start_of(period), UTC) + length
    return (after if period == "daily" else after.replace(day=1)).timestamp() - now()


async def lease_refused(backend: BudgetBackend, need: int) -> BudgetExceeded:
    with pytest.raises(BudgetExceeded) as caught:
        await backend.lease_store.lease(HOLDER, need)
    return caught.value


@pytest.mark.parametrize("period", PERIODS)
async def test_spending_since_the_first_moment_of_a_period_counts(backend: BudgetBackend, period: Period) -> None:
    await backend.set_budget(period, 1000)
    await backend.book(600, at=start_of(period))
    await backend.book(300, at=now())
    assert (await lease_refused(backend, 101)).period == period
    leased = await backend.lease_store.lease(HOLDER, 100)
    assert leased is not None
    assert leased.amount == 100


@pytest.mark.parametrize("period", ["daily", "monthly"])
async def test_spending_of_the_period_before_does_not_count(backend: BudgetBackend, period: Period) -> None:
    await backend.set_budget(period, 1000)
    await backend.book(1000, at=start_of(period) - 1)
    leased = await backend.lease_store.lease(HOLDER, 1000)
    assert leased is not None
    assert leased.amount == 1000


@pytest.mark.parametrize("period", ["daily", "monthly"])
async def test_a_used_up_period_says_when_the_next_one_begins(backend: BudgetBackend, period: Period) -> None:
    await backend.set_budget(period, 1000)
    await backend.book(1000, at=now())
    refusal = await lease_refused(backend, 1)
    assert refusal.retry_after_s == pytest.approx(seconds_left_of(period), abs=60)
    assert not refusal.passing


async def test_a_total_that_is_used_up_never_begins_anew(backend: BudgetBackend) -> None:
    await backend.set_budget("total", 1000)
    await backend.book(1000, at=now())
    assert (await lease_refused(backend, 1)).retry_after_s == float("inf")


@pytest.mark.parametrize("period", PERIODS)
async def test_a_lease_of_this_period_counts_until_it_is_given_back(backend: BudgetBackend, period: Period) -> None:
    await backend.set_budget(period, 1000)
    await backend.lease_store.lease(HOLDER, 900)
    await backend.backdate_leases(start_of(period))
    assert (await lease_refused(backend, 101)).passing


@pytest.mark.parametrize("period", ["daily", "monthly"])
async def test_a_lease_of_the_period_before_does_not_count(backend: BudgetBackend, period: Period) -> None:
    await backend.set_budget(period, 1000)
    await backend.lease_store.lease(HOLDER, 1000)
    await backend.backdate_leases(start_of(period) - 1)
    leased = await backend.lease_store.lease(HOLDER, 1000)
    assert leased is not None
    assert leased.amount == 1000


async def test_each_budget_of_a_holder_counts_its_own_period(backend: BudgetBackend) -> None:
    amounts: dict[Period, int] = {"daily": 1000, "monthly": 2000, "total": 3000}
    for period, amount in amounts.items():
        await backend.set_budget(period, amount)
    await backend.book(2950, at=start_of("monthly") - 1)
    assert (await lease_refused(backend, 51)).period == "total"
    leased = await backend.lease_store.lease(HOLDER, 50)
    assert leased is not None
    assert leased.amount == 50
