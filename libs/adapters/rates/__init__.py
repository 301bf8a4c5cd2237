"""Rates of keys, shared by all gateways over Valkey: requests and tokens a minute, streams at once."""

from libs.adapters.rates.limits import Rates
from libs.adapters.rates.rate_pass import RatePass
from libs.adapters.rates.store import LocalStore
from libs.adapters.rates.valkey import ValkeyStore

__all__ = ["LocalStore", "RatePass", "Rates", "ValkeyStore"]
