"""Postgres sets budgets aside, one holder at a time, by its own clock."""

import asyncio

import asyncpg
import pytest

from libs.adapters.quota.budgets.admin import PostgresBudgetAdmin
from libs.adapters.quota.budgets.lease_size import Holder
from libs.adapters.quota.budgets.lease_store import NewLease, PostgresLeaseStore
from libs.adapters.quota.budgets.usage_store import PostgresUsageStore
from libs.ports.quota import BudgetExceeded, BudgetStatus, BudgetUnknown
from tests.support.quota.budget_backends import RULES
from tests.support.quota.ended_requests import JULIA, ended, now

HOLDER = Holder("acme", "user", "julia")
DAY_S = 86_400


async def leased(lease_store: PostgresLeaseStore, need: int, holder: Holder = HOLDER) -> NewLease:
    found = await lease_store.lease(holder, need)
    assert found is not None
    return found


async def test_a_chunk_is_what_one_request_needs_at_least_and_a_share_of_what_is_left_at_most(
    lease_store: PostgresLeaseStore, budget_admin: PostgresBudgetAdmin
) -> None:
    await budget_admin.set(HOLDER, {"total": 4000}, "root")
    sizes = [(await leased(lease_store, need)).amount for need in (1, 3000, 1)]
    assert sizes == [500, 3000, (4000 - 3500) // 8]


async def test_those_who_ask_at_once_get_the_budget_together(
    lease_store: PostgresLeaseStore, budget_admin: PostgresBudgetAdmin
) -> None:
    await budget_admin.set(HOLDER, {"total": 1000}, "root")
    results = await asyncio.gather(*(lease_store.lease(HOLDER, 30) for _ in range(60)), return_exceptions=True)
    chunks = [result for result in results if isinstance(result, NewLease)]
    assert 970 < sum(chunk.amount for chunk in chunks) <= 1000
    assert {type(result) for result in results} == {NewLease, BudgetExceeded}


async def test_what_is_given_back_counts_for_the_next_chunk(
    lease_store: PostgresLeaseStore, budget_admin: PostgresBudgetAdmin
) -> None:
    await budget_admin.set(HOLDER, {"total": 1000}, "root")
    first = await leased(lease_store, 900)
    second = await lease_store.lease(HOLDER, 950, {first.chunk_id: 850})
    assert second is not None
    assert second.amount == 950


async def test_who_is_refused_has_given_nothing_back(
    lease_store: PostgresLeaseStore, budget_admin: PostgresBudgetAdmin, owner_url: str
) -> None:
    await budget_admin.set(HOLDER, {"total": 1000}, "root")
    first = await leased(lease_store, 900)
    with pytest.raises(BudgetExceeded):
        await lease_store.lease(HOLDER, 2000, {first.chunk_id: 850})
    owner = await asyncpg.connect(owner_url)
    assert await owner.fetchval("SELECT sum(reserved) FROM moe.budget_leases") == 900
    await owner.close()


async def test_who_has_no_budget_is_told_so(lease_store: PostgresLeaseStore) -> None:
    assert await lease_store.lease(HOLDER, 30) is None


async def test_one_tenants_budget_is_not_anothers(
    lease_store: PostgresLeaseStore, budget_admin: PostgresBudgetAdmin
) -> None:
    await budget_admin.set(HOLDER, {"total": 1000}, "root")
    assert await lease_store.lease(Holder("other", "user", "julia"), 30) is None
    assert await lease_store.lease(Holder("acme", "team", "julia"), 30) is None


async def test_the_tightest_budget_decides_and_the_longest_one_is_told(
    lease_store: PostgresLeaseStore, budget_admin: PostgresBudgetAdmin
) -> None:
    await budget_admin.set(HOLDER, {"daily": 20, "monthly": 10, "total": 1000}, "root")
    with pytest.raises(BudgetExceeded) as caught:
        await lease_store.lease(HOLDER, 30)
    assert (caught.value.period, caught.value.passing) == ("monthly", False)
    assert 0 < caught.value.retry_after_s <= 31 * DAY_S
    assert caught.value.daily == BudgetStatus(0, 20)


async def test_a_day_ends_at_midnight_in_utc(
    lease_store: PostgresLeaseStore, budget_admin: PostgresBudgetAdmin
) -> None:
    await budget_admin.set(HOLDER, {"daily": 20}, "root")
    with pytest.raises(BudgetExceeded) as caught:
        await lease_store.lease(HOLDER, 30)
    ends = (now() + caught.value.retry_after_s) % DAY_S
    assert min(ends, DAY_S - ends) < 120


async def test_what_was_spent_yesterday_does_not_count_today(
    lease_store: PostgresLeaseStore, budget_admin: PostgresBudgetAdmin, books: PostgresUsageStore
) -> None:
    await budget_admin.set(HOLDER, {"daily": 1000}, "root")
    await books.record_usage(ended(990, at=now() - DAY_S))
    assert (await leased(lease_store, 30)).daily == BudgetStatus(0, 1000)
    await books.record_usage(ended(990))
    with pytest.raises(BudgetExceeded):
        await lease_store.lease(HOLDER, 30)


async def test_what_is_given_back_can_be_set_aside_again(
    lease_store: PostgresLeaseStore, budget_admin: PostgresBudgetAdmin
) -> None:
    await budget_admin.set(HOLDER, {"total": 1000}, "root")
    chunk = await leased(lease_store, 1000)
    with pytest.raises(BudgetExceeded) as caught:
        await lease_store.lease(HOLDER, 1)
    assert caught.value.passing
    await lease_store.return_unused({chunk.chunk_id: 600})
    assert (await leased(lease_store, 600)).amount == 600


async def test_a_chunk_that_has_expired_counts_no_more(
    lease_store: PostgresLeaseStore, budget_admin: PostgresBudgetAdmin, owner_url: str
) -> None:
    await budget_admin.set(HOLDER, {"total": 1000}, "root")
    await leased(lease_store, 1000)
    owner = await asyncpg.connect(owner_url)
    lives_s = await owner.fetchval("SELECT extract(epoch FROM expires_at - leased_at) FROM moe.budget_leases")
    assert float(lives_s) == RULES.spend_s + RULES.request_s
    await owner.execute("UPDATE moe.budget_leases SET expires_at = now()")
    await owner.close()
    assert (await leased(lease_store, 1000)).amount == 1000
    assert [line.reserved for line in await budget_admin.lines()] == [1000]


async def test_a_chunk_of_yesterday_is_not_taken_from_today(
    lease_store: PostgresLeaseStore, budget_admin: PostgresBudgetAdmin, owner_url: str
) -> None:
    await budget_admin.set(HOLDER, {"daily": 1000}, "root")
    await leased(lease_store, 1000)
    owner = await asyncpg.connect(owner_url)
    await owner.execute("UPDATE moe.budget_leases SET leased_at = now() - interval '1 day'")
    await owner.close()
    assert (await leased(lease_store, 1000)).amount == 1000


async def test_the_end_of_a_request_frees_what_it_did_not_take(
    lease_store: PostgresLeaseStore, budget_admin: PostgresBudgetAdmin, books: PostgresUsageStore
) -> None:
    await budget_admin.set(HOLDER, {"total": 1000}, "root")
    chunk = await leased(lease_store, 900)
    await books.record_usage(ended(100, JULIA.model_copy(update={"reserved": 900, "chunks": (chunk.chunk_id,)})))
    assert (await leased(lease_store, 900)).amount == 900


async def test_a_budget_that_was_lifted_is_none(
    lease_store: PostgresLeaseStore, budget_admin: PostgresBudgetAdmin
) -> None:
    await budget_admin.set(HOLDER, {"total": 10, "daily": 5}, "root")
    await budget_admin.set(HOLDER, {"total": None, "daily": None}, "root")
    assert await lease_store.lease(HOLDER, 30) is None


async def test_setting_a_budget_is_an_act_for_the_audit(budget_admin: PostgresBudgetAdmin, owner_url: str) -> None:
    await budget_admin.set(HOLDER, {"daily": 5, "total": None}, "root")
    await budget_admin.price("large", 3.5, "root")
    owner = await asyncpg.connect(owner_url)
    acts = await owner.fetch("SELECT action, actor, target, detail FROM moe.audit_outbox ORDER BY at_ms, action")
    await owner.close()
    assert [tuple(act) for act in acts] == [
        ("budget-set", "root", "user julia", "daily=5, total=none"),
        ("model-priced", "root", "large", "factor=3.5"),
    ]


async def test_a_server_that_is_away_makes_budgets_unknown(signing_key: str) -> None:
    async with PostgresLeaseStore("postgresql://127.0.0.1:1/nothing", signing_key, RULES) as lease_store:
        with pytest.raises(BudgetUnknown):
            await lease_store.lease(HOLDER, 1)
        with pytest.raises(BudgetUnknown):
            await lease_store.return_unused({"00000000-0000-4000-8000-000000000000": 1})
