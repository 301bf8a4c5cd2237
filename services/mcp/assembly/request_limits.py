"""Composition of the rate limits of the tool server."""

from libs.adapters.quota.rates import LocalStore, RateLimiter, ValkeyStore
from libs.adapters.quota.service import StoredQuotaService
from libs.core.clock import SystemClock
from libs.runtime.process.authentication_guard import AuthenticationGuard
from libs.runtime.process.security_audit import SecurityAudit
from services.mcp.api.request_limits import RequestLimits


def request_limits(redis_url: str, audit: SecurityAudit, failures_per_minute: int) -> RequestLimits:
    """Limits in Valkey, in the gateways' own buckets; without an address, limits of this process alone."""
    guard = AuthenticationGuard(audit, failures_per_minute)
    if not redis_url:
        metering = StoredQuotaService(RateLimiter(LocalStore(SystemClock())))
        return RequestLimits(guard, metering, (metering,))
    store = ValkeyStore(redis_url)
    rates = RateLimiter(store)
    metering = StoredQuotaService(rates)
    return RequestLimits(guard, metering, (store, metering), (rates,))
