"""Numbers and texts that no table accepts: only their record is rejected, all others are stored."""

import asyncio
from collections.abc import Sequence

import pytest

from libs.adapters.quota.budgets.admin import PostgresBudgetAdmin
from libs.adapters.quota.budgets.lease_size import Holder
from libs.adapters.quota.budgets.lease_store import PostgresLeaseStore
from libs.adapters.quota.budgets.usage_store import MOST_TOKENS, PostgresUsageStore
from libs.contracts.message import Message
from libs.contracts.model_call import Usage
from libs.contracts.records import CallsLogged, RequestLogged
from libs.core.errors import Unstorable
from libs.core.outside_numbers import COUNT_LIMIT
from libs.ports.quota import BudgetExceeded
from tests.support.quota.ended_requests import JULIA, ended, late, response_id

HOLDER = Holder("acme", "user", "julia")


def taking(tokens: int) -> RequestLogged:
    """End of a request with a token count of each kind; built unchecked, as by an older version."""
    request = ended(0)
    usage = Usage.model_construct(prompt_tokens=tokens, completion_tokens=tokens)
    return request.model_copy(update={"usage": usage}).opening(request.envelope.origin)


def changed(**fields: object) -> RequestLogged:
    request = ended(100)
    return request.model_copy(update=fields).opening(request.envelope.origin)


HOSTILE: dict[str, Message] = {
    "more than 64 bits": taking(2**64 - 1),
    "the most that 63 bits hold": taking(2**63 - 1),
    "nine quintillion": taking(9 * 10**18),
    "hundreds of digits": taking(10**400),
    "negative": taking(-5),
    "just out of range": taking(MOST_TOKENS + 1),
    "a moment beyond all calendars": changed(ts=1e300),
    "the year 294277": changed(ts=9_224_318_016_000.0),
    "before 1970": changed(ts=-1.0),
    "a chunk that is no id": changed(account=JULIA.model_copy(update={"chunks": ("not an id",)})),
    "too much reserved": changed(account=JULIA.model_copy(update={"reserved": 2**70})),
    "a call with NUL": changed(calls=("a\0b",)),
    "a call with half a character": changed(calls=("\ud800",)),
    "half a character in a name": changed(account=JULIA.model_copy(update={"user": "\udcff"})),
    "a late call of 64 bits": late(response_id(), 2**65, "c1"),
    "a late call with NUL": late(response_id(), 10, "c\0"),
}


async def submitted(books: PostgresUsageStore, messages: Sequence[Message]) -> list[object]:
    """Record everything concurrently; return the outcomes."""
    tasks = []
    for message in messages:
        assert isinstance(message, RequestLogged | CallsLogged)
        tasks.append(
            books.record_usage(message) if isinstance(message, RequestLogged) else books.record_late_calls(message)
        )
    return await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_record_is_refused_alone(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin, name: str
) -> None:
    good = [ended(10) for _ in range(20)]
    outcomes = await submitted(books, [*good[:7], HOSTILE[name], *good[7:]])
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [Unstorable]
    assert isinstance(outcomes[7], Unstorable)
    assert [line.cost for line in await budget_admin.usage("user", 1)] == [200]


async def test_all_hostile_records_at_once_cost_their_neighbours_nothing(
    books: PostgresUsageStore, budget_admin: PostgresBudgetAdmin
) -> None:
    good = [ended(10) for _ in range(3 * len(HOSTILE))]
    mixed = [each for number, bad in enumerate(HOSTILE.values()) for each in (bad, *good[3 * number : 3 * number + 3])]
    outcomes = await submitted(books, mixed)
    assert [isinstance(outcome, Unstorable) for outcome in outcomes] == [
        number % 4 == 0 for number in range(len(mixed))
    ]
    assert [line.cost for line in await budget_admin.usage("user", 1)] == [10 * len(good)]


async def test_sums_and_costs_may_be_wider_than_64_bits(
    books: PostgresUsageStore, lease_store: PostgresLeaseStore, budget_admin: PostgresBudgetAdmin
) -> None:
    await budget_admin.price("moe", 100_000.0, "root")
    await budget_admin.set(HOLDER, {"total": 10}, "root")
    name, count = response_id(), 20
    requests = [taking(MOST_TOKENS) for _ in range(count)]
    await submitted(books, [*requests, ended(0, name=name), *(late(name, COUNT_LIMIT, f"c{n}") for n in range(20))])
    tokens = 2 * count * MOST_TOKENS + 20 * COUNT_LIMIT
    (line,) = await budget_admin.usage("user", 1)
    assert (line.requests, line.prompt_tokens + line.completion_tokens) == (count + 1, tokens)
    assert line.cost == tokens * 100_000 > 2**63
    (budget,) = await budget_admin.lines()
    assert (type(budget.spent), budget.spent) == (int, line.cost)
    with pytest.raises(BudgetExceeded):
        await lease_store.lease(HOLDER, 1)
