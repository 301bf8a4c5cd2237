"""Budgets of all callers of one gateway."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Protocol

from libs.adapters.quota.budgets.lease_cache import LeaseCache
from libs.adapters.quota.budgets.lease_size import Holder
from libs.adapters.quota.budgets.lease_store import LeaseStore
from libs.core.clock import Clock, SystemClock
from libs.core.errors import Retryable
from libs.core.resource import Resource
from libs.core.tasks import TaskSet
from libs.ports.identity import Caller
from libs.ports.quota import BudgetStatus, BudgetUnknown, QuotaRequest

TICK_S = 1.0
FORGET_S = 600.0

log = logging.getLogger(__name__)


class BudgetRules(Protocol):
    """Budget holders and the costs of models."""

    @property
    def known(self) -> bool: ...

    async def wait_loaded(self) -> None:
        """Wait for the first load, or until a start has taken too long."""
        ...

    def has_budget(self, holder: Holder) -> bool: ...

    def cost(self, tenant: str, model: str, tokens: int) -> int:
        """In tokens times cost factor."""
        ...


@dataclass(frozen=True, slots=True)
class BudgetReservation:
    """The amount `reserved` in each of `parts`, pairs of lease cache and lease id."""

    reserved: int = 0
    parts: tuple[tuple[LeaseCache, str], ...] = ()

    @property
    def chunks(self) -> tuple[str, ...]:
        return tuple(chunk_id for _, chunk_id in self.parts)

    def daily(self) -> BudgetStatus | None:
        """The first daily budget among `parts`, None without one."""
        return next((daily for leases, _ in self.parts if (daily := leases.daily()) is not None), None)

    def release(self) -> None:
        """Call once."""
        for leases, chunk_id in self.parts:
            leases.put_back(chunk_id, self.reserved)


NOTHING = BudgetReservation()


class BudgetLimiter(Resource):
    """Admits requests within the budgets of their user and team. Enter it before use.

    While Postgres is unavailable it spends existing leases, then refuses. The usage store settles ended requests.
    """

    def __init__(self, prices: BudgetRules, lease_store: LeaseStore, clock: Clock | None = None) -> None:
        self._prices = prices
        self._lease_store = lease_store
        self._clock = clock or SystemClock()
        self._lease_caches: dict[Holder, LeaseCache] = {}
        self._tasks = TaskSet(lambda error: log.critical("budgets are not given back any more", exc_info=error))

    async def _enter(self, stack: AsyncExitStack) -> None:
        stack.push_async_callback(self.return_unused, all_of_it=True)
        stack.push_async_callback(self._tasks.cancel)
        self._tasks.start(self._work(), name="budgets")

    async def reserve(self, request: QuotaRequest) -> BudgetReservation:
        """Reserve the expected cost. Raises BudgetExceeded and BudgetUnknown; then nothing is reserved.

        During a start it waits until the budget holders are loaded. If that takes too long, it admits only admins, so
        that an admin can repair the installation.
        """
        caller = request.caller
        if not self._prices.known:
            await self._prices.wait_loaded()
        if not (self._prices.known or caller.admin):
            raise BudgetUnknown("who has a budget was not read yet")
        caches = self._lease_caches_of(caller)
        cost = self._prices.cost(caller.tenant, request.priced_as, max(1, request.tokens)) if caches else 0
        return await self._taken(caches, cost) if cost else NOTHING

    async def return_unused(self, *, all_of_it: bool = False) -> None:
        """Release unused amounts. Amounts that cannot be released now expire."""
        rest: dict[str, int] = {}
        for holder, leases in list(self._lease_caches.items()):
            rest |= leases.collect_unused(all_of_it=all_of_it)
            if self._clock.monotonic() - leases.used_at > FORGET_S:
                del self._lease_caches[holder]
        if rest:
            await self._returned(rest)

    async def _taken(self, caches: tuple[LeaseCache, ...], cost: int) -> BudgetReservation:
        parts: tuple[tuple[LeaseCache, str], ...] = ()
        try:
            for leases in caches:
                chunk_id = leases.take(cost)
                if chunk_id is None:
                    chunk_id = await leases.draw(cost, self._lease_store)
                if chunk_id is not None:
                    parts = (*parts, (leases, chunk_id))
        except BaseException:
            BudgetReservation(cost, parts).release()
            raise
        return BudgetReservation(cost, parts)

    def _lease_caches_of(self, caller: Caller) -> tuple[LeaseCache, ...]:
        found = []
        if caller.user and self._prices.has_budget(user := Holder(caller.tenant, "user", caller.user)):
            found.append(self._lease_cache_of(user))
        if caller.team and self._prices.has_budget(team := Holder(caller.tenant, "team", caller.team)):
            found.append(self._lease_cache_of(team))
        return tuple(found)

    def _lease_cache_of(self, holder: Holder) -> LeaseCache:
        if (leases := self._lease_caches.get(holder)) is None:
            leases = self._lease_caches[holder] = LeaseCache(holder, self._clock)
        return leases

    async def _returned(self, rest: Mapping[str, int]) -> None:
        try:
            await self._lease_store.return_unused(rest)
        except Retryable as error:
            log.warning("%d chunks of budgets were not given back and will expire: %s", len(rest), error)

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            await self.return_unused()
