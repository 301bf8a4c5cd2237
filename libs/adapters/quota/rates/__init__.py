"""Rate limits of keys, shared by all gateways over Valkey: requests and tokens a minute, concurrent streams."""

from libs.adapters.quota.rates.limiter import RateLimiter
from libs.adapters.quota.rates.reservation import RateReservation
from libs.adapters.quota.rates.store import LocalStore
from libs.adapters.quota.rates.valkey import ValkeyStore

__all__ = ["LocalStore", "RateLimiter", "RateReservation", "ValkeyStore"]
