"""A few keys that are known from the start, as SHA-256 only."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from libs.ports.identity import EVERYTHING, GRANT_KINDS, Caller, Grants


@dataclass(frozen=True, slots=True)
class StaticKeys:
    """A Authenticator of keys that never change. The time it takes does not depend on which key is wrong."""

    callers: tuple[tuple[bytes, Caller], ...]

    @classmethod
    def of(cls, callers: Mapping[str, Caller]) -> Self:
        """Return the ring of these keys."""
        return cls(tuple((_digest(key), caller) for key, caller in callers.items()))

    def authenticate(self, key: str) -> Caller | None:
        """See the port."""
        offered, found = _digest(key), None
        for digest, caller in self.callers:
            if hmac.compare_digest(digest, offered):
                found = caller
        return found


def owner_of(tenant: str) -> Caller:
    """Return an admin of a tenant who may use everything: whoever has the bootstrap key."""
    everything = Grants(frozenset((kind, EVERYTHING) for kind in GRANT_KINDS))
    return Caller(tenant, user=tenant, key_id="bootstrap", admin=True, grants=everything)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode(errors="surrogatepass")).digest()
