"""Calls recorded after the end of their request are added to its usage, each once."""

import asyncio

import asyncpg
import pytest

from libs.adapters.quota.budgets.admin import PostgresBudgetAdmin, UsageLine
from libs.adapters.quota.budgets.lease_size import Holder
from libs.adapters.quota.budgets.usage_store import PostgresUsageStore
from tests.support.quota.ended_requests import JULIA, ended, late, now, response_id

HOLDER = Holder("acme", "user", "julia")
DAY_S = 86_400


async def test_a_late_call_is_added_to_the_row_of_its_request(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin
) -> None:
    name = response_id()
    await books.record_usage(ended(100, name=name, calls=("one",)))
    await books.record_late_calls(late(name, 20, "two"))
    assert await budget_admin.usage("user", 1) == [UsageLine("julia", 1, 30, 90, 120)]


async def test_a_late_call_may_be_heard_of_before_its_request(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin
) -> None:
    name = response_id()
    await books.record_late_calls(late(name, 20, "two"))
    assert await budget_admin.usage("user", 1) == []
    await books.record_usage(ended(100, name=name, calls=("one",)))
    assert await budget_admin.usage("user", 1) == [UsageLine("julia", 1, 30, 90, 120)]


async def test_a_call_that_is_heard_of_often_is_added_once(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin
) -> None:
    name = response_id()
    await books.record_usage(ended(100, name=name, calls=("one",)))
    await asyncio.gather(*(books.record_late_calls(late(name, 20, "two", "three")) for _ in range(10)))
    await books.record_late_calls(late(name, 20, "two"))
    assert [line.cost for line in await budget_admin.usage("user", 1)] == [140]


async def test_a_call_that_the_request_was_booked_with_is_not_added(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin
) -> None:
    name = response_id()
    await books.record_usage(ended(100, name=name, calls=("one", "two")))
    await books.record_late_calls(late(name, 20, "two"))
    assert [line.cost for line in await budget_admin.usage("user", 1)] == [100]


async def test_a_call_is_added_to_its_own_request_alone(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin
) -> None:
    one, other = response_id(), response_id()
    await asyncio.gather(
        books.record_usage(ended(100, name=one)),
        books.record_usage(ended(7, name=other)),
        books.record_late_calls(late(one, 3, "c")),
    )
    assert [line.cost for line in await budget_admin.usage("user", 1)] == [110]


async def test_what_is_added_costs_what_the_model_costs_and_counts_in_the_day_of_the_request(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin
) -> None:
    await budget_admin.price("moe", 2.5, "root")
    await budget_admin.set(HOLDER, {"daily": 1000, "total": 9000}, "root")
    name = response_id()
    await books.record_usage(ended(10, name=name, at=now() - 40 * DAY_S))
    await books.record_late_calls(late(name, 3, "two"))
    assert [(line.period, line.spent) for line in await budget_admin.lines()] == [("daily", 0), ("total", 33)]


async def test_what_is_added_costs_what_serves_the_request(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin
) -> None:
    await budget_admin.price("llama*", 3, "root")
    name = response_id()
    await books.record_usage(ended(10, JULIA.model_copy(update={"priced_as": "LLaMA3:latest@n1"}), name=name))
    await books.record_late_calls(late(name, 5, "two"))
    assert [line.cost for line in await budget_admin.usage("model", 1)] == [45]


async def test_a_call_without_an_id_cannot_be_told_from_others(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin
) -> None:
    name = response_id()
    await books.record_usage(ended(100, name=name))
    await books.record_late_calls(late(name, 20, ""))
    assert [line.cost for line in await budget_admin.usage("user", 1)] == [100]


async def test_nothing_waits_when_all_is_booked(books: PostgresUsageStore, owner_url: str) -> None:
    name = response_id()
    await books.record_late_calls(late(name, 20, "two"))
    await books.record_usage(ended(100, name=name, calls=("two",)))
    connection = await asyncpg.connect(owner_url)
    assert await connection.fetchval("SELECT count(*) FROM moe.late_calls") == 0
    await connection.close()


@pytest.mark.parametrize("role", ["moe_budget_lease", "moe_budget_admin"])
async def test_only_the_usage_role_sees_what_waits(role: str, books: PostgresUsageStore, owner_url: str) -> None:
    await books.record_late_calls(late(response_id(), 20, "two"))
    connection = await asyncpg.connect(owner_url)
    await connection.execute(f"SET ROLE {role}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.fetchval("SELECT count(*) FROM moe.late_calls")
    await connection.close()
