"""Whatever happens to gateways: no more is granted than there is, and in the end nothing stays reserved."""

import asyncio
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.adapters.quota.budgets.lease_size import Holder, LeaseLimits
from libs.adapters.quota.budgets.limiter import BudgetLimiter
from libs.adapters.quota.rates import RateReservation
from libs.adapters.quota.service import StoredReservation
from libs.contracts.account import Account
from libs.core.errors import FleetError
from libs.ports.quota import BudgetExceeded
from libs.testing.fake_clock import FakeClock
from tests.support.quota.callers import caller, entry
from tests.support.quota.memory_budgets import DAY_S, Vault

BUDGET = 1000
HOLDER = Holder("acme", "user", "julia")
TEAM = Holder("acme", "team", "ops")
GATEWAYS = 3
RULES = LeaseLimits(tokens=200, spend_s=60.0, request_s=120.0)
NOON = 20_000 * DAY_S + DAY_S / 2


@dataclass
class Open:
    """A request in progress; it ends before its time is over, like every request of the fleet."""

    account: Account
    accepted_at: float


@dataclass
class World:
    """Some gateways on one vault, and the requests that they let in, which outlive them."""

    clock: FakeClock = field(default_factory=lambda: FakeClock(NOON))
    open: list[Open] = field(default_factory=list)
    excess: int = 0

    def __post_init__(self) -> None:
        budgets = {(HOLDER, "daily"): BUDGET, (TEAM, "total"): 3 * BUDGET}
        self.vault = Vault(self.clock, RULES, budgets)  # type: ignore[arg-type]  # the literals are periods
        self.gateways = [BudgetLimiter(self.vault, self.vault, self.clock) for _ in range(GATEWAYS)]

    async def ask(self, gateway: int, tokens: int) -> None:
        try:
            passed = await self.gateways[gateway].reserve(entry(caller(), tokens))
        except FleetError:
            return
        account = StoredReservation(caller(), RateReservation(), passed).account
        self.open.append(Open(account, self.clock.now()))

    def end(self, number: int, share: float) -> None:
        if self.open:
            request = self.open.pop(number % len(self.open))
            cost = round(request.account.reserved * share)
            self.excess += max(0, cost - request.account.reserved)
            self.vault.book(request.account, cost, request.accepted_at)

    def die(self, gateway: int) -> None:
        self.gateways[gateway] = BudgetLimiter(self.vault, self.vault, self.clock)

    def suffer(self, act: str, first: float, second: float) -> None:
        """Simulate an external event that no gateway requested."""
        match act:
            case "end":
                self.end(int(first), second)
            case "die":
                self.die(int(first))
            case "wait":
                self.wait(first)
            case "outage":
                self.vault.away = bool(first)

    def wait(self, seconds: float) -> None:
        """Let time pass; requests whose time is over end first."""
        for request in [each for each in self.open if self.clock.now() + seconds >= each.accepted_at + RULES.request_s]:
            self.end(self.open.index(request), 1.0)
        self.clock.advance(seconds)

    def check(self) -> None:
        """Spent costs, and possible costs of requests in progress, are within the budget."""
        for holder, amount, since in ((HOLDER, BUDGET, self.clock.now() // DAY_S * DAY_S), (TEAM, 3 * BUDGET, 0.0)):
            pending = sum(each.account.reserved for each in self.open if each.accepted_at >= since)
            assert self.vault.spent(holder, since) + pending <= amount + self.excess


gateways = st.integers(0, GATEWAYS - 1)
acts = st.one_of(
    st.tuples(st.just("ask"), gateways, st.sampled_from([1, 7, 30, 120, 400])),
    st.tuples(st.just("crowd"), gateways, st.sampled_from([5, 20, 60])),
    st.tuples(st.just("end"), st.integers(0, 50), st.sampled_from([0.0, 0.3, 1.0, 1.0, 3.0])),
    st.tuples(st.just("die"), gateways, st.just(0)),
    st.tuples(st.just("give back"), gateways, st.just(0)),
    st.tuples(st.just("wait"), st.sampled_from([1.0, 5.0, 59.0, 60.0, 61.0, 119.0]), st.just(0)),
    st.tuples(st.just("outage"), st.booleans(), st.just(0)),
)


async def play(history: list[tuple[str, float, float]]) -> World:
    world = World()
    for act, first, second in history:
        match act:
            case "ask" | "crowd":
                for _ in range(20 if act == "crowd" else 1):
                    await world.ask(int(first), int(second))
            case "give back":
                await world.gateways[int(first)].return_unused()
            case _:
                world.suffer(act, first, second)
        world.check()
    return world


@settings(max_examples=300)
@given(st.lists(acts, max_size=80))
def test_nobody_gets_more_than_there_is_but_for_what_requests_cost_beyond_their_estimates(
    history: list[tuple[str, float, float]],
) -> None:
    asyncio.run(play(history))


@settings(max_examples=100)
@given(st.lists(acts, max_size=60))
def test_when_all_have_ended_and_chunks_have_expired_nothing_is_reserved(
    history: list[tuple[str, float, float]],
) -> None:
    world = asyncio.run(play(history))
    world.wait(RULES.request_s)
    world.wait(RULES.spend_s)
    assert not world.open
    assert world.vault.reserved() == 0


@settings(max_examples=50)
@given(costs=st.lists(st.integers(1, 60), min_size=30, max_size=60))
def test_gateways_that_live_leave_less_than_one_request_of_a_budget_unspent(costs: list[int]) -> None:
    async def spend() -> tuple[int, int]:
        world, refused = World(), 0
        for number, cost in enumerate(costs * 4):
            for gateway in world.gateways[number % GATEWAYS :] + world.gateways[: number % GATEWAYS]:
                await gateway.return_unused(all_of_it=True)
            try:
                passed = await world.gateways[number % GATEWAYS].reserve(entry(caller(), cost))
            except BudgetExceeded:
                refused += 1
                continue
            account = StoredReservation(caller(), RateReservation(), passed).account
            world.vault.book(account, cost, world.clock.now())
        return world.vault.spent(HOLDER), refused

    spent, refused = asyncio.run(spend())
    assert spent <= BUDGET
    assert not refused or spent > BUDGET - 60
