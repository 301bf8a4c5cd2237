"""A gateway spends its leases, acquires more, and returns unused shares."""

import asyncio

import pytest

from libs.adapters.quota.budgets.lease_size import Holder, LeaseLimits, PeriodStatus, lease_size
from libs.adapters.quota.budgets.limiter import BudgetLimiter
from libs.ports.identity import Caller
from libs.ports.quota import BudgetExceeded, BudgetStatus, BudgetUnknown, QuotaRequest
from libs.testing.fake_clock import FakeClock
from tests.support.quota.callers import caller, entry
from tests.support.quota.memory_budgets import DAY_S, Vault

RULES = LeaseLimits(tokens=200, spend_s=60.0, request_s=120.0)
JULIA = Holder("acme", "user", "julia")
OPS = Holder("acme", "team", "ops")
NOON = 20_000 * DAY_S + DAY_S / 2


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def vault(clock: FakeClock) -> Vault:
    return Vault(clock, RULES, {(JULIA, "total"): 10_000})


@pytest.fixture
def budgets(vault: Vault, clock: FakeClock) -> BudgetLimiter:
    return BudgetLimiter(vault, vault, clock)


async def refused(budgets: BudgetLimiter, tokens: int) -> BudgetExceeded:
    with pytest.raises(BudgetExceeded) as caught:
        await budgets.reserve(entry(caller(), tokens))
    return caught.value


async def test_one_chunk_serves_many_requests(budgets: BudgetLimiter, vault: Vault) -> None:
    passes = [await budgets.reserve(entry(caller(), 10)) for _ in range(20)]
    assert vault.leases == 1
    assert {passed.chunks for passed in passes} == {("chunk-0",)}


async def test_many_who_come_at_once_set_aside_no_more_than_they_need(budgets: BudgetLimiter, vault: Vault) -> None:
    await asyncio.gather(*(budgets.reserve(entry(caller(), 10)) for _ in range(60)))
    assert vault.leases == 3


async def test_who_has_no_budget_costs_nothing(vault: Vault, clock: FakeClock) -> None:
    vault.budgets.clear()
    passed = await BudgetLimiter(vault, vault, clock).reserve(entry(caller(), 10))
    assert (passed.chunks, vault.leases) == ((), 0)


async def test_a_user_and_a_team_both_pay(budgets: BudgetLimiter, vault: Vault) -> None:
    vault.budgets[OPS, "total"] = 500
    passed = await budgets.reserve(entry(caller(), 10))
    assert [vault.chunks[chunk].holder for chunk in passed.chunks] == [JULIA, OPS]


async def test_a_team_without_means_gives_its_user_back_what_was_taken(budgets: BudgetLimiter, vault: Vault) -> None:
    vault.budgets[OPS, "total"] = 5
    assert (await refused(budgets, 10)).holder == "team"
    await budgets.return_unused(all_of_it=True)
    assert vault.reserved() == 0


async def test_a_model_may_cost_more(budgets: BudgetLimiter, vault: Vault) -> None:
    vault.factors["moe"] = 2.5
    assert (await budgets.reserve(entry(caller(), 10))).reserved == 25


async def test_a_model_that_costs_nothing_needs_no_budget(budgets: BudgetLimiter, vault: Vault) -> None:
    vault.factors["moe"] = 0.0
    vault.budgets[JULIA, "total"] = 0
    assert (await budgets.reserve(entry(caller(), 10))).chunks == ()


async def test_a_request_larger_than_a_chunk_gets_one_of_its_size(budgets: BudgetLimiter, vault: Vault) -> None:
    await budgets.reserve(entry(caller(), 900))
    assert vault.reserved() == 900


def test_chunks_get_small_towards_the_end_of_a_budget() -> None:
    sizes = []
    for spent in (0, 9_000, 9_900, 9_990, 9_999):
        standing = PeriodStatus("total", 10_000, spent, 0, float("inf"))
        sizes.append(lease_size(JULIA, [standing], 1, RULES))
    assert sizes == [200, 125, 12, 1, 1]


async def test_a_budget_that_is_used_up_says_when_it_begins_anew(budgets: BudgetLimiter, vault: Vault) -> None:
    vault.budgets = {(JULIA, "daily"): 5}
    refusal = await refused(budgets, 10)
    assert (refusal.period, refusal.retry_after_s, refusal.passing) == ("daily", DAY_S / 2, False)
    assert refusal.daily == BudgetStatus(0, 5)


async def test_a_budget_that_others_have_reserved_is_not_used_up(budgets: BudgetLimiter, vault: Vault) -> None:
    vault.budgets[JULIA, "total"] = 100
    await budgets.reserve(entry(caller(), 95))
    assert (await refused(budgets, 10)).passing


async def test_of_two_budgets_that_are_used_up_the_one_that_stays_so_longer_is_told(
    budgets: BudgetLimiter, vault: Vault
) -> None:
    vault.budgets = {(JULIA, "daily"): 5, (JULIA, "total"): 5}
    assert (await refused(budgets, 10)).period == "total"


async def test_a_budget_that_is_used_up_is_not_looked_at_for_everybody(budgets: BudgetLimiter, vault: Vault) -> None:
    vault.budgets[JULIA, "total"] = 5
    for _ in range(50):
        await refused(budgets, 10)
    assert vault.leases == 1


async def test_who_asks_for_too_much_bars_nobody_else(budgets: BudgetLimiter, vault: Vault, clock: FakeClock) -> None:
    vault.budgets = {(JULIA, "daily"): 1_000_000}
    for _ in range(60):
        await refused(budgets, 2_000_000)
        for _ in range(10):
            await budgets.reserve(entry(caller(), 50))
        clock.advance(1)
    assert vault.reserved() <= 60 * 10 * 50 + RULES.tokens


async def test_who_asks_for_too_much_takes_nothing_from_the_others(budgets: BudgetLimiter, vault: Vault) -> None:
    await budgets.reserve(entry(caller(), 50))
    leases = vault.leases
    await refused(budgets, 20_000)
    for _ in range(3):
        await budgets.reserve(entry(caller(), 50))
    assert (vault.leases, vault.reserved()) == (leases + 1, 200)


async def test_the_rest_of_a_chunk_counts_for_a_request_that_needs_it(budgets: BudgetLimiter, vault: Vault) -> None:
    vault.budgets[JULIA, "total"] = 800
    await budgets.reserve(entry(caller(), 50))
    await budgets.reserve(entry(caller(), 750))
    assert vault.reserved() == 800


async def test_what_may_have_been_given_back_is_not_spent(
    budgets: BudgetLimiter, vault: Vault, clock: FakeClock
) -> None:
    await budgets.reserve(entry(caller(), 50))
    vault.lost = True
    with pytest.raises(BudgetUnknown):
        await budgets.reserve(entry(caller(), 500))
    vault.lost, vault.away = False, True
    clock.advance(2)
    with pytest.raises(BudgetUnknown):
        await budgets.reserve(entry(caller(), 50))


async def test_an_outage_takes_nothing_that_was_set_aside(budgets: BudgetLimiter, vault: Vault) -> None:
    await budgets.reserve(entry(caller(), 50))
    vault.away = True
    with pytest.raises(BudgetUnknown):
        await budgets.reserve(entry(caller(), 500))
    for _ in range(3):
        await budgets.reserve(entry(caller(), 50))


async def test_of_many_who_meet_an_outage_one_waits_for_its_end(
    budgets: BudgetLimiter, vault: Vault, clock: FakeClock
) -> None:
    vault.away = True
    tries = [budgets.reserve(entry(caller(), 10)) for _ in range(50)]
    ends = await asyncio.gather(*tries, return_exceptions=True)
    assert {type(end) for end in ends} == {BudgetUnknown}
    assert vault.asked == 1
    vault.away = False
    clock.advance(1.5)
    await budgets.reserve(entry(caller(), 10))


async def test_a_budget_that_was_raised_is_noticed(budgets: BudgetLimiter, vault: Vault, clock: FakeClock) -> None:
    vault.budgets[JULIA, "total"] = 5
    await refused(budgets, 10)
    vault.budgets[JULIA, "total"] = 500
    clock.advance(1.5)
    await budgets.reserve(entry(caller(), 10))


async def test_without_postgres_what_was_set_aside_is_spent_then_nobody_knows(
    budgets: BudgetLimiter, vault: Vault
) -> None:
    await budgets.reserve(entry(caller(), 50))
    vault.away = True
    for _ in range(3):
        await budgets.reserve(entry(caller(), 50))
    with pytest.raises(BudgetUnknown):
        await budgets.reserve(entry(caller(), 50))


async def test_what_was_set_aside_is_not_spent_after_its_time(
    budgets: BudgetLimiter, vault: Vault, clock: FakeClock
) -> None:
    await budgets.reserve(entry(caller(), 50))
    vault.away = True
    clock.advance(RULES.spend_s)
    with pytest.raises(BudgetUnknown):
        await budgets.reserve(entry(caller(), 50))


async def test_before_midnight_only_that_days_budget_is_spent(
    budgets: BudgetLimiter, vault: Vault, clock: FakeClock
) -> None:
    vault.budgets = {(JULIA, "daily"): 1000}
    clock.advance(DAY_S / 2 - 10)
    await budgets.reserve(entry(caller(), 50))
    clock.advance(10)
    passed = await budgets.reserve(entry(caller(), 50))
    assert vault.chunks[passed.chunks[0]].leased_at % DAY_S == 0


async def test_what_nobody_uses_is_given_back(budgets: BudgetLimiter, vault: Vault, clock: FakeClock) -> None:
    await budgets.reserve(entry(caller(), 50))
    clock.advance(6)
    await budgets.return_unused()
    assert vault.reserved() == 50


async def test_a_request_that_was_not_accepted_costs_nothing(budgets: BudgetLimiter, vault: Vault) -> None:
    (await budgets.reserve(entry(caller(), 50))).release()
    await budgets.return_unused(all_of_it=True)
    assert vault.reserved() == 0


async def test_a_gateway_that_stops_gives_everything_back_but_what_its_requests_have(
    vault: Vault, clock: FakeClock
) -> None:
    async with BudgetLimiter(vault, vault, clock) as budgets:
        await budgets.reserve(entry(caller(), 50))
    assert vault.reserved() == 50


async def test_who_comes_before_anything_is_known_waits_for_it(budgets: BudgetLimiter, vault: Vault) -> None:
    vault.known, vault.read = False, asyncio.Event()
    async with asyncio.TaskGroup() as group:
        early = group.create_task(budgets.reserve(entry(caller(), 10)))
        await asyncio.sleep(0)
        assert not early.done()
        vault.read.set()
    assert early.result().chunks == ("chunk-0",)


async def test_where_nothing_gets_known_an_admin_is_let_in_and_nobody_else(
    budgets: BudgetLimiter, vault: Vault
) -> None:
    vault.known = False
    with pytest.raises(BudgetUnknown):
        await budgets.reserve(entry(caller(), 10))
    await budgets.reserve(QuotaRequest(Caller("acme", "root", "k0", admin=True), "resp-1", 10))


async def test_the_daily_budget_is_told_as_it_stands(budgets: BudgetLimiter, vault: Vault) -> None:
    vault.budgets = {(JULIA, "daily"): 4000}
    passed = await budgets.reserve(entry(caller(), 50))
    await budgets.reserve(entry(caller(), 30))
    assert passed.daily() == BudgetStatus(80, 4000)
