"""Rate limits and budgets in one quota service."""

from contextlib import AsyncExitStack
from dataclasses import replace

from libs.adapters.quota.budgets.limiter import NOTHING, BudgetLimiter, BudgetReservation
from libs.adapters.quota.rates import RateLimiter, RateReservation
from libs.contracts.account import Account
from libs.contracts.model_call import Usage
from libs.core.resource import Resource
from libs.ports.identity import Caller
from libs.ports.quota import QuotaRequest, QuotaStatus, Reservation


class StoredReservation:
    __slots__ = ("_budget", "_caller", "_open", "_priced_as", "_rate")

    def __init__(self, caller: Caller, rate: RateReservation, budget: BudgetReservation, priced_as: str = "") -> None:
        self._caller = caller
        self._priced_as = priced_as
        self._rate = rate
        self._budget = budget
        self._open = True

    @property
    def account(self) -> Account:
        caller, budget = self._caller, self._budget
        return Account(
            key_id=caller.key_id,
            user=caller.user,
            team=caller.team,
            reserved=budget.reserved if budget.parts else 0,
            chunks=budget.chunks,
            priced_as=self._priced_as,
        )

    def status(self) -> QuotaStatus:
        rates, daily = self._rate.status(), self._budget.daily()
        return rates if daily is None else replace(rates, daily=daily)

    def settle(self, usage: Usage | None) -> None:
        if self._open:
            self._open = False
            self._rate.settle(usage)

    def release(self) -> None:
        if self._open:
            self._open = False
            self._rate.release()
            self._budget.release()


class StoredQuotaService(Resource):
    """Without `budgets` it enforces rate limits only. Enter it before use."""

    def __init__(self, rates: RateLimiter, budgets: BudgetLimiter | None = None) -> None:
        self._rates = rates
        self._budgets = budgets

    async def _enter(self, stack: AsyncExitStack) -> None:
        await stack.enter_async_context(self._rates)
        if self._budgets is not None:
            await stack.enter_async_context(self._budgets)

    async def reserve(self, request: QuotaRequest) -> Reservation:
        rate = await self._rates.reserve(request)
        try:
            budget = await self._budgets.reserve(request) if self._budgets is not None and request.tokens else NOTHING
        except BaseException:
            rate.release()
            raise
        return StoredReservation(request.caller, rate, budget, request.priced_as)
