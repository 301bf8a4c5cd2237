"""Each cost is recorded once, and replaces its reservation."""

import asyncio

import asyncpg
import pytest

from libs.adapters.postgres.sessions import PostgresUnavailable
from libs.adapters.quota.budgets.admin import BudgetLine, PostgresBudgetAdmin, UsageLine
from libs.adapters.quota.budgets.lease_size import Holder, cost_of
from libs.adapters.quota.budgets.lease_store import PostgresLeaseStore
from libs.adapters.quota.budgets.prices import PriceList
from libs.adapters.quota.budgets.usage_store import PostgresUsageStore
from libs.contracts.account import Account
from tests.support.quota.ended_requests import JULIA, ended, late, now, response_id

HOLDER = Holder("acme", "user", "julia")
DAY_S = 86_400


async def test_a_request_that_is_heard_often_is_booked_once(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin
) -> None:
    once = ended(100)
    await asyncio.gather(*(books.record_usage(once) for _ in range(20)))
    await books.record_usage(once)
    assert await budget_admin.usage("user", 1) == [UsageLine("julia", 1, 25, 75, 100)]


async def test_the_first_word_about_a_request_counts(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin
) -> None:
    name = response_id()
    await books.record_usage(ended(100, name=name))
    await books.record_usage(ended(900, name=name))
    assert [line.cost for line in await budget_admin.usage("team", 1)] == [100]


@pytest.mark.parametrize("costs", [(100, 900), (900, 100)])
async def test_of_two_ends_in_one_batch_the_first_counts(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin, costs: tuple[int, int]
) -> None:
    name = response_id()
    await asyncio.gather(*(books.record_usage(ended(cost, name=name)) for cost in costs))
    assert [line.cost for line in await budget_admin.usage("team", 1)] == [costs[0]]
    assert [line.spent for line in await budget_admin.lines()] == []


async def test_what_is_spent_counts_in_each_period_of_the_user_and_the_team(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin
) -> None:
    for holder in (HOLDER, Holder("acme", "team", "ops")):
        await budget_admin.set(holder, {"daily": 1000, "monthly": 5000, "total": 9000}, "root")
    await asyncio.gather(*(books.record_usage(ended(30)) for _ in range(10)))
    assert [(line.kind, line.period, line.spent) for line in await budget_admin.lines()] == [
        (kind, period, 300) for kind in ("team", "user") for period in ("daily", "monthly", "total")
    ]


async def test_a_day_that_is_over_counts_for_the_total_alone(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin
) -> None:
    await budget_admin.set(HOLDER, {"daily": 1000, "total": 9000}, "root")
    await books.record_usage(ended(30, at=now() - 40 * DAY_S))
    assert [(line.period, line.spent) for line in await budget_admin.lines()] == [("daily", 0), ("total", 30)]


async def test_a_model_may_cost_more_than_another(books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin) -> None:
    await budget_admin.price("moe", 2.5, "root")
    await books.record_usage(ended(3))
    assert [line.cost for line in await budget_admin.usage("model", 1)] == [8]


@pytest.mark.parametrize(
    ("tokens", "factor", "cost"),
    [(3, 1.1, 4), (1, 0.000001, 1), (3, 2.5, 8), (2, 2.5, 5), (100, 1.1, 110), (70, 1.1, 77), (1000, 0.001, 1)],
)
async def test_costs_are_rounded_up_and_exact_ones_stay(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin, *, tokens: int, factor: float, cost: int
) -> None:
    await budget_admin.price("moe", factor, "root")
    await books.record_usage(ended(tokens))
    assert [line.cost for line in await budget_admin.usage("model", 1)] == [cost]
    assert cost_of(tokens, factor) == cost, "the gateway reserves something else than what is booked"


@pytest.mark.parametrize(("tokens", "cost"), [(1, 2), (10, 11), (11, 13)])
async def test_costs_of_late_calls_are_rounded_up(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin, *, tokens: int, cost: int
) -> None:
    await budget_admin.price("moe", 1.1, "root")
    name = response_id()
    await books.record_usage(ended(100, name=name))
    await books.record_late_calls(late(name, tokens, "call-1"))
    assert [line.cost for line in await budget_admin.usage("model", 1)] == [110 + cost]


@pytest.mark.parametrize(
    ("served", "cost"),
    [
        ("lawyer", 2500),
        ("llama3@n1", 700),
        ("LLaMA3:latest@n1", 700),
        ("llama3@n2", 100),
        ("claude-opus-5-5", 300),
        ("claude-*", 200),
        ("claude-haiku-5-5", 200),
        ("", 400),
    ],
)
async def test_a_request_costs_what_serves_it_however_it_was_spelled(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin, served: str, cost: int
) -> None:
    prices = {"lawyer": 25, "Llama3:latest@n1": 7, "claude-*": 2, "claude-opus-*": 3, "moe": 4, "l%": 9, "_awyer": 9}
    for model, factor in prices.items():
        await budget_admin.price(model, factor, "root")
    await books.record_usage(ended(100, JULIA.model_copy(update={"priced_as": served})))
    (line,) = await budget_admin.usage("model", 1)
    factors = PriceList.of(("acme", model, factor) for model, factor in (await budget_admin.prices()).items())
    assert (line.cost, factors.factor("acme", served or "moe")) == (cost, cost / 100)


async def test_the_end_of_a_request_takes_what_was_reserved_for_it_out_of_its_chunk(
    books: PostgresUsageStore, lease_store: PostgresLeaseStore, budget_admin: PostgresBudgetAdmin
) -> None:
    await budget_admin.set(HOLDER, {"total": 9000}, "root")
    leased = await lease_store.lease(HOLDER, 500)
    assert leased is not None
    await books.record_usage(ended(70, JULIA.model_copy(update={"reserved": 300, "chunks": (leased.chunk_id,)})))
    assert await budget_admin.lines() == [BudgetLine("user", "julia", "total", 9000, 70, leased.amount - 300)]


async def test_a_chunk_that_is_gone_does_not_keep_a_request_from_being_booked(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin
) -> None:
    gone = "00000000-0000-4000-8000-000000000000"
    await books.record_usage(ended(70, JULIA.model_copy(update={"reserved": 300, "chunks": (gone,)})))
    assert [line.cost for line in await budget_admin.usage("key", 1)] == [70]


async def test_a_request_of_nobody_is_booked_without_a_holder(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin, owner_url: str
) -> None:
    await books.record_usage(ended(70, Account()))
    connection = await asyncpg.connect(owner_url)
    assert await connection.fetchval("SELECT count(*) FROM moe.spending") == 0
    await connection.close()
    assert [line.cost for line in await budget_admin.usage("user", 1)] == [70]


async def test_books_that_cannot_be_reached_say_so(signing_key: str) -> None:
    async with PostgresUsageStore("postgresql://127.0.0.1:1/nothing", signing_key) as books:
        with pytest.raises(PostgresUnavailable):
            await books.record_usage(ended(1))
