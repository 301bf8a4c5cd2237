"""Per-tenant salts for the prompt caches of model servers."""

import hmac
from functools import lru_cache


@lru_cache(maxsize=4096)
def cache_salt(key: str, tenant: str) -> str:
    """Derived from the installation's key, so that no client can guess or choose it."""
    return hmac.digest(key.encode(), f"prompt cache of {tenant}".encode(), "sha256").hex()
