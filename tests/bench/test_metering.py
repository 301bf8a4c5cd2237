"""CPU of the gateway for limits and budgets of a request far from all of them; printed, never judged."""

import asyncio
import time

from libs.adapters.quota.budgets.lease_size import Holder, LeaseLimits
from libs.adapters.quota.budgets.limiter import BudgetLimiter
from libs.adapters.quota.rates import LocalStore, RateLimiter
from libs.adapters.quota.service import StoredQuotaService
from libs.contracts.model_call import Usage
from libs.core.clock import SystemClock
from libs.ports.identity import Caller, KeyLimits
from libs.ports.quota import QuotaRequest
from libs.testing.fake_clock import FakeClock
from services.gateway.domain.quota import limit_headers
from tests.bench.figures import Figures
from tests.support.quota.memory_budgets import Vault

GOAL_US = 30.0
REQUESTS = 2000
ROUNDS = 20
PLENTY = 10**12
CALLER = Caller("acme", "julia", "k1", "ops", limits=KeyLimits(10**6, 10**9))
USED = Usage(prompt_tokens=10, completion_tokens=20)


def test_what_limits_and_budgets_cost_a_request(figures: Figures) -> None:
    """Entering, the account, the headers and the end. The fastest round counts, as others only take time away."""
    fastest_us = asyncio.run(_fastest_us())
    figures.add("limits and budgets, CPU for a request", fastest_us, "us", f"<= {GOAL_US:g}")


async def _fastest_us() -> float:
    budgets = {(Holder("acme", "user", "julia"), "daily"): PLENTY, (Holder("acme", "team", "ops"), "total"): PLENTY}
    vault = Vault(FakeClock(), LeaseLimits(tokens=PLENTY // 100), budgets)  # type: ignore[arg-type]  # these are periods
    metering = StoredQuotaService(RateLimiter(LocalStore(SystemClock())), BudgetLimiter(vault, vault))
    return min([await _round_us(metering) for _ in range(ROUNDS)])


async def _round_us(metering: StoredQuotaService) -> float:
    began = time.process_time()
    for _ in range(REQUESTS):
        passage = await metering.reserve(QuotaRequest(CALLER, "resp", 30, "moe"))
        assert passage.account.reserved == 30
        assert limit_headers(passage.status(), "chat", 0.0)
        passage.settle(USED)
    return (time.process_time() - began) / REQUESTS * 1e6
