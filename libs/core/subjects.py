"""Pseudonyms: what stands on the log instead of the person behind a request."""

import hmac
from functools import lru_cache

PSEUDONYM_CHARS = 32


@lru_cache(maxsize=4096)
def pseudonym(signing_key: str, tenant: str, user_id: str) -> str:
    """Return the pseudonym of a user of a tenant: 32 hex digits of an HMAC-SHA256, empty for an empty `user_id`.

    The key is derived for the tenant, so the same person has unrelated pseudonyms at two tenants, and nobody without
    the signing key can try names.
    """
    if not user_id:
        return ""
    tenant_key = hmac.digest(signing_key.encode(), f"subjects of {tenant}".encode(), "sha256")
    return hmac.digest(tenant_key, user_id.encode(errors="surrogatepass"), "sha256").hex()[:PSEUDONYM_CHARS]
