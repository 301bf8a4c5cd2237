"""Keys of the directory in memory: looked up by their public part, verified by their digest."""

import hmac
import math
import secrets
from collections import Counter
from collections.abc import Callable, Set
from dataclasses import dataclass

from libs.core.api_keys import digest_of, possible_lookup
from libs.ports.identity import Caller

Compare = Callable[[bytes, bytes], bool]
_NO_CALLER = Caller(tenant="", user="", key_id="")


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that is not revoked. `expires_at` is Unix time, infinite for a key without expiry."""

    sha256: bytes
    caller: Caller
    expires_at: float = math.inf


# Stands for every unknown key: it has always been expired, and its random digest belongs to no known key.
_NO_KEY = KnownKey(secrets.token_bytes(32), _NO_CALLER, -math.inf)


class Snapshot:
    """All valid keys. Not thread-safe."""

    def __init__(self) -> None:
        self._keys: dict[str, KnownKey] = {}
        self._lookups: dict[str, set[str]] = {}  # the keys of each user
        self._tenants: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def tenants(self) -> Set[str]:
        return self._tenants.keys()

    def add(self, key: KnownKey) -> None:
        """The key must not be in the snapshot yet."""
        caller = key.caller
        self._keys[caller.key_id] = key
        self._lookups.setdefault(caller.user, set()).add(caller.key_id)
        self._tenants[caller.tenant] += 1

    def drop(self, user: str) -> None:
        """Remove all keys of a user; unknown users are ignored."""
        for lookup in self._lookups.pop(user, set()):
            tenant = self._keys.pop(lookup).caller.tenant
            self._tenants[tenant] -= 1
            if not self._tenants[tenant]:
                del self._tenants[tenant]

    def authenticate(self, key: str, now: float, compare: Compare = hmac.compare_digest) -> Caller | None:
        """None for any invalid key.

        Takes the same steps for every invalid key: one digest, one look-up, one comparison.
        """
        known = self._keys.get(possible_lookup(key), _NO_KEY)  # the digest decides
        is_it = compare(known.sha256, digest_of(key))
        return known.caller if is_it and now < known.expires_at else None
