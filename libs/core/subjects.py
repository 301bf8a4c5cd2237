"""Pseudonyms: what stands on the log instead of the persons behind a request.

A record has one subject: the pseudonyms of all the persons whose data it is, joined by dots, the owner of the key
first. Erasing any of them erases the record.
"""

import hmac
from collections.abc import Iterable
from functools import lru_cache

PSEUDONYM_CHARS = 32
SEPARATOR = "."
_LONG_ID = 256  # characters; longer ids are not cached: clients choose them


def pseudonym(signing_key: str, tenant: str, user_id: str) -> str:
    """Return the pseudonym of a user of a tenant: 32 hex digits of an HMAC-SHA256, empty for an empty `user_id`.

    The key is derived for the tenant, so the same person has unrelated pseudonyms at two tenants, and nobody without
    the signing key can try names.
    """
    if not user_id:
        return ""
    compute = _cached if len(user_id) <= _LONG_ID else _computed
    return compute(signing_key, tenant, user_id)


def subject_of(signing_keys: tuple[str, ...], tenant: str, users: tuple[str, ...]) -> str:
    """Return the subject of a record about users of a tenant, under each of the keys."""
    compute = _cached_subject if len(users) == 1 or sum(map(len, users)) <= _LONG_ID else _computed_subject
    return compute(signing_keys, tenant, users)


def joined(pseudonyms: Iterable[str]) -> str:
    """Return the subject of a record about these persons; empty pseudonyms and repetitions are left out."""
    return SEPARATOR.join(dict.fromkeys(filter(None, pseudonyms)))


def persons_in(subject: str) -> tuple[str, ...]:
    """Return the pseudonyms of a subject."""
    return tuple(subject.split(SEPARATOR)) if subject else ()


def _computed(signing_key: str, tenant: str, user_id: str) -> str:
    tenant_key = hmac.digest(signing_key.encode(), f"subjects of {tenant}".encode(), "sha256")
    return hmac.digest(tenant_key, user_id.encode(errors="surrogatepass"), "sha256").hex()[:PSEUDONYM_CHARS]


def _computed_subject(signing_keys: tuple[str, ...], tenant: str, users: tuple[str, ...]) -> str:
    return joined(pseudonym(key, tenant, user) for user in users for key in signing_keys)


_cached = lru_cache(maxsize=4096)(_computed)
_cached_subject = lru_cache(maxsize=4096)(_computed_subject)
