"""Salts that keep the prompts of tenants apart in the prompt caches of model servers."""

import hmac
from functools import lru_cache


@lru_cache(maxsize=4096)
def cache_salt(key: str, tenant: str) -> str:
    """Return the salt of a tenant, derived from the installation's key: no client can guess or choose one."""
    return hmac.digest(key.encode(), f"prompt cache of {tenant}".encode(), "sha256").hex()
