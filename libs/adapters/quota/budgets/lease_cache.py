"""Budget leases of one holder on one gateway."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from libs.adapters.quota.budgets.lease_size import Holder
from libs.adapters.quota.budgets.lease_store import LeaseLost, LeaseStore
from libs.core.clock import Clock
from libs.ports.quota import BudgetExceeded, BudgetStatus, BudgetUnknown

REFUSAL_CACHE_S = 1.0  # an exhausted or unavailable budget is not queried again before
PASSING_REFUSAL_CACHE_S = 0.1  # the same, if other requests have reserved the rest
IDLE_S = 5.0


@dataclass(slots=True)
class Lease:
    """`left` may be spent until `spend_until` (monotonic seconds)."""

    chunk_id: str
    left: int
    spend_until: float


@dataclass(frozen=True, slots=True)
class CachedRefusal:
    """Refuses requests of `cost` or more before `until` (monotonic seconds), without a call to the store."""

    refusal: BudgetExceeded | BudgetUnknown
    cost: int
    until: float

    @classmethod
    def after(cls, refusal: BudgetExceeded | BudgetUnknown, cost: int, now: float) -> Self:
        """After BudgetUnknown it refuses every cost."""
        if isinstance(refusal, BudgetUnknown):
            return cls(refusal, 0, now + REFUSAL_CACHE_S)
        return cls(refusal, cost, now + (PASSING_REFUSAL_CACHE_S if refusal.passing else REFUSAL_CACHE_S))

    def applies(self, cost: int, now: float) -> bool:
        return cost >= self.cost and now < self.until


class LeaseCache:
    """The current lease. Requests keep their share when it is replaced, used up or expired."""

    def __init__(self, holder: Holder, clock: Clock) -> None:
        self.holder = holder
        self.used_at = clock.monotonic()
        self._clock = clock
        self._current: Lease | None = None
        self._rest: dict[str, int] = {}
        self._daily: BudgetStatus | None = None
        self._cached_refusal: CachedRefusal | None = None
        self._turn = asyncio.Lock()

    def take(self, cost: int) -> str | None:
        """Spend `cost` of the current lease and return its id; None if it is too small or expired."""
        chunk, now = self._current, self._clock.monotonic()
        if chunk is None or chunk.left < cost or now >= chunk.spend_until:
            return None
        chunk.left -= cost
        self.used_at = now
        return chunk.chunk_id

    async def draw(self, cost: int, lease_store: LeaseStore) -> str | None:
        """Lease more and spend `cost` of it; None if the holder no longer has a budget.

        Raises BudgetExceeded and BudgetUnknown.
        """
        async with self._turn:
            if (taken := self.take(cost)) is not None:
                return taken
            if self._cached_refusal is not None and self._cached_refusal.applies(cost, self._clock.monotonic()):
                raise self._cached_refusal.refusal.again()
            return await self._lease(cost, lease_store)

    def put_back(self, chunk_id: str, cost: int) -> None:
        """Return the cost of a request that was not accepted."""
        if self._current is not None and self._current.chunk_id == chunk_id:
            self._current.left += cost
        else:
            self._return(chunk_id, cost)

    def daily(self) -> BudgetStatus | None:
        """The daily budget as last known on this gateway; None if unknown."""
        if self._daily is None:
            return None
        return BudgetStatus(
            self._daily.used - (self._current.left if self._current is not None else 0), self._daily.limit
        )

    def collect_unused(self, *, all_of_it: bool = False) -> Mapping[str, int]:
        """Remove and return the amounts to release, by lease id.

        The current lease is included if it is expired or unused for IDLE_S, or with `all_of_it`.
        """
        now, chunk = self._clock.monotonic(), self._current
        if chunk is not None and (all_of_it or now >= chunk.spend_until or now - self.used_at >= IDLE_S):
            self._collect_lease()
        rest, self._rest = self._rest, {}
        return rest

    async def _lease(self, cost: int, lease_store: LeaseStore) -> str | None:
        """Releases unused amounts in the same call: near the end of a budget they are the missing rest."""
        asked_at, chunk = self._clock.monotonic(), self._current
        back = self.collect_unused(all_of_it=True)
        try:
            leased = await lease_store.lease(self.holder, cost, back)
        except (BudgetExceeded, BudgetUnknown) as refusal:
            if not isinstance(refusal, LeaseLost):
                self._restore_lease(chunk, back)
            self._cached_refusal = CachedRefusal.after(refusal, cost, self._clock.monotonic())
            raise
        if leased is None:
            return None
        self._daily = _with(leased.daily, leased.amount)
        if self._cached_refusal is not None and cost >= self._cached_refusal.cost:
            self._cached_refusal = None
        self._current = Lease(leased.chunk_id, leased.amount - cost, asked_at + leased.spend_s)
        self.used_at = asked_at
        return leased.chunk_id

    def _restore_lease(self, chunk: Lease | None, back: Mapping[str, int]) -> None:
        """Restore the amounts that the store did not take back."""
        for chunk_id, amount in back.items():
            if chunk is None or chunk_id != chunk.chunk_id:
                self._return(chunk_id, amount)
            else:
                chunk.left = amount
        self._current = chunk

    def _collect_lease(self) -> None:
        chunk, self._current = self._current, None
        if chunk is not None:
            self._return(chunk.chunk_id, chunk.left)

    def _return(self, chunk_id: str, amount: int) -> None:
        if amount:
            self._rest[chunk_id] = self._rest.get(chunk_id, 0) + amount


def _with(daily: BudgetStatus | None, amount: int) -> BudgetStatus | None:
    return BudgetStatus(daily.used + amount, daily.limit) if daily is not None else None
