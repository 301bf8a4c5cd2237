"""Assembly of rate limits and budgets."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial

from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.sessions import checked_address
from libs.adapters.quota.budgets.config import BudgetConfig
from libs.adapters.quota.budgets.lease_size import LeaseLimits
from libs.adapters.quota.budgets.lease_store import PostgresLeaseStore
from libs.adapters.quota.budgets.limiter import BudgetLimiter
from libs.adapters.quota.rates import RateLimiter, ValkeyStore
from libs.adapters.quota.service import StoredQuotaService
from libs.core.database_roles import BUDGET_LEASE_ROLE
from libs.ports.quota import QuotaService
from libs.ports.unlimited_quota import UnlimitedQuota
from libs.runtime.service import Check
from services.gateway.settings import Settings

BOOKED_WITHIN_S = 60.0  # after its end; a request without a usage record by then never gets one


@dataclass(frozen=True)
class QuotaComponent:
    """`service` reserves the quota of every request; `resources` and `checks` belong to it. Opens nothing before it is
    entered."""

    service: QuotaService = field(default_factory=UnlimitedQuota)
    resources: tuple[AbstractAsyncContextManager[object], ...] = ()
    checks: tuple[Check, ...] = ()


def quota_of(settings: Settings) -> QuotaComponent:
    """Build rate limits over Valkey and, with Postgres, budgets. Raises ConfigurationError."""
    store = ValkeyStore(settings.redis_url)
    rates = RateLimiter(store)
    if not (url := settings.postgres_url.get_secret_value()):
        metering = StoredQuotaService(rates)
        return QuotaComponent(metering, (store, metering), (rates,))
    terms = BudgetConfig(partial(logged_in, checked_address(url), settings.passwords, BUDGET_LEASE_ROLE))
    request_s = _longest_s(settings) + BOOKED_WITHIN_S
    limits = LeaseLimits(settings.budget_lease_tokens, settings.budget_lease_s, request_s)
    lease_store = PostgresLeaseStore(url, settings.passwords, limits)
    metering = StoredQuotaService(rates, BudgetLimiter(terms, lease_store))
    return QuotaComponent(metering, (store, terms.watch, lease_store, metering), (rates, terms.watch))


def _longest_s(settings: Settings) -> float:
    """The longest duration of a request in seconds, of the fleet or of one model."""
    fleet_s = settings.rules.request_timeout_s + settings.rules.late_s
    return max(fleet_s, settings.judge_timeout_s, settings.expert_timeout_s)
