"""Budgets as Postgres keeps them, in memory: the same decisions by the same functions, on a clock of the tests."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from libs.adapters.quota.budgets.lease_size import (
    Holder,
    LeaseLimits,
    PeriodStatus,
    cost_of,
    daily_of,
    lease_size,
    spendable_for,
)
from libs.adapters.quota.budgets.lease_store import NOTHING, LeaseLost, NewLease
from libs.contracts.account import Account
from libs.ports.quota import BudgetExceeded, BudgetUnknown, Period
from libs.testing.fake_clock import FakeClock

DAY_S = 86_400.0


@dataclass
class Kept:
    """A chunk in the vault."""

    holder: Holder
    reserved: int
    leased_at: float
    expires_at: float


@dataclass
class Vault:
    """Lease store, prices and usage store in one. Days and months are those of UTC."""

    clock: FakeClock
    rules: LeaseLimits
    budgets: dict[tuple[Holder, Period], int] = field(default_factory=dict)
    chunks: dict[str, Kept] = field(default_factory=dict)
    bookings: list[tuple[float, Holder, int]] = field(default_factory=list)
    factors: dict[str, float] = field(default_factory=dict)
    known: bool = True
    read: asyncio.Event | None = None  # a first read that is still pending
    away: bool = False
    lost: bool = False  # it executes the request, and the reply is lost
    asked: int = 0
    leases: int = 0

    async def wait_loaded(self) -> None:
        if self.read is not None:
            await self.read.wait()
            self.known = True

    def has_budget(self, holder: Holder) -> bool:
        return any(each == holder for each, _ in self.budgets)

    def cost(self, tenant: str, model: str, tokens: int) -> int:
        return cost_of(tokens, self.factors.get(model, 1.0))

    async def lease(self, holder: Holder, need: int, back: Mapping[str, int] = NOTHING) -> NewLease | None:
        self.asked += 1
        await asyncio.sleep(0)
        self._check()
        self.leases += 1
        before = {chunk_id: self.chunks[chunk_id].reserved for chunk_id in back}
        await self.return_unused(back)
        standings = self.standings(holder)
        if not standings:
            return None
        try:
            amount = lease_size(holder, standings, need, self.rules)
        except BudgetExceeded:
            for chunk_id, reserved in before.items():
                self.chunks[chunk_id].reserved = reserved
            raise
        if self.lost:
            raise LeaseLost("the vault went away in the end")
        chunk_id, now = f"chunk-{len(self.chunks)}", self.clock.now()
        self.chunks[chunk_id] = Kept(holder, amount, now, now + self.rules.spend_s + self.rules.request_s)
        return NewLease(chunk_id, amount, spendable_for(standings, self.rules), daily_of(standings))

    async def return_unused(self, amounts: Mapping[str, int]) -> None:
        self._check()
        for chunk_id, amount in amounts.items():
            self._release(chunk_id, amount)

    def book(self, account: Account, cost: int, accepted_at: float) -> None:
        """Record the cost of a request, once."""
        self.bookings += [(accepted_at, holder, cost) for holder in holders_of(account)]
        for chunk_id in account.chunks:
            self._release(chunk_id, account.reserved)

    def standings(self, holder: Holder) -> Sequence[PeriodStatus]:
        return list(self._standings(holder))

    def reserved(self) -> int:
        return sum(chunk.reserved for chunk in self.chunks.values() if chunk.expires_at > self.clock.now())

    def spent(self, holder: Holder, since: float = 0.0) -> int:
        return sum(cost for at, who, cost in self.bookings if who == holder and at >= since)

    def _standings(self, holder: Holder) -> Iterator[PeriodStatus]:
        now = self.clock.now()
        for (each, period), amount in self.budgets.items():
            if each == holder:
                since, until = bounds_of(period, now)
                spent = sum(cost for at, who, cost in self.bookings if who == holder and since <= at < until)
                yield PeriodStatus(period, amount, spent, self._set_aside(holder, since), until - now)

    def _set_aside(self, holder: Holder, since: float) -> int:
        now = self.clock.now()
        live = (chunk for chunk in self.chunks.values() if chunk.expires_at > now and chunk.leased_at >= since)
        return sum(chunk.reserved for chunk in live if chunk.holder == holder)

    def _release(self, chunk_id: str, amount: int) -> None:
        chunk = self.chunks[chunk_id]
        chunk.reserved = max(0, chunk.reserved - amount)

    def _check(self) -> None:
        if self.away:
            raise BudgetUnknown("the vault is away")


def bounds_of(period: Period, now: float) -> tuple[float, float]:
    """Start of the period that contains `now`, and of the next one, in Unix time."""
    if period == "total":
        return float("-inf"), float("inf")
    midnight = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "daily":
        return midnight.timestamp(), midnight.timestamp() + DAY_S
    first = midnight.replace(day=1)
    next_month = (first + timedelta(days=31)).replace(day=1)
    return first.timestamp(), next_month.timestamp()


def holders_of(account: Account, tenant: str = "acme") -> tuple[Holder, ...]:
    user = (Holder(tenant, "user", account.user),) if account.user else ()
    return (*user, Holder(tenant, "team", account.team)) if account.team else user
