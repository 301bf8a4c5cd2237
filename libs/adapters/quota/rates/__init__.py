"""Rates of keys, shared by all gateways over Valkey: requests and tokens a minute, streams at once."""

from libs.adapters.quota.rates.limiter import Rates
from libs.adapters.quota.rates.reservation import RatePass
from libs.adapters.quota.rates.store import LocalStore
from libs.adapters.quota.rates.valkey import ValkeyStore

__all__ = ["LocalStore", "RatePass", "Rates", "ValkeyStore"]
