"""Pseudonyms, which replace the persons behind a request on the log."""

import hmac
from collections.abc import Iterable
from functools import lru_cache

# A record has one subject: the pseudonyms of all its data subjects, joined by dots, the owner of the key first. Erasing
# any of them erases the record.
PSEUDONYM_CHARS = 32
SEPARATOR = "."
_LONG_ID = 256  # characters; longer ids are not cached: clients choose them


def pseudonym(signing_key: str, tenant: str, user_id: str) -> str:
    """32 hex digits of an HMAC-SHA256; empty for an empty `user_id`.

    The HMAC key is derived per tenant: pseudonyms of one person at two tenants are unrelated, and testing a name
    requires the signing key.
    """
    if not user_id:
        return ""
    compute = _cached if len(user_id) <= _LONG_ID else _computed
    return compute(signing_key, tenant, user_id)


def subject_of(signing_keys: tuple[str, ...], tenant: str, users: tuple[str, ...]) -> str:
    """The subject of a record about users of a tenant, with a pseudonym under each of the keys."""
    compute = _cached_subject if len(users) == 1 or sum(map(len, users)) <= _LONG_ID else _computed_subject
    return compute(signing_keys, tenant, users)


def joined(pseudonyms: Iterable[str]) -> str:
    """The subject of a record about these persons, without empty and repeated pseudonyms."""
    return SEPARATOR.join(dict.fromkeys(filter(None, pseudonyms)))


def persons_in(subject: str) -> tuple[str, ...]:
    return tuple(subject.split(SEPARATOR)) if subject else ()


def _computed(signing_key: str, tenant: str, user_id: str) -> str:
    tenant_key = hmac.digest(signing_key.encode(), f"subjects of {tenant}".encode(), "sha256")
    return hmac.digest(tenant_key, user_id.encode(errors="surrogatepass"), "sha256").hex()[:PSEUDONYM_CHARS]


def _computed_subject(signing_keys: tuple[str, ...], tenant: str, users: tuple[str, ...]) -> str:
    return joined(pseudonym(key, tenant, user) for user in users for key in signing_keys)


_cached = lru_cache(maxsize=4096)(_computed)
_cached_subject = lru_cache(maxsize=4096)(_computed_subject)
