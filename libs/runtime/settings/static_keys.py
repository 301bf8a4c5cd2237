"""Keys that are known at the start, as SHA-256 only."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from libs.ports.identity import EVERYTHING, GRANT_KINDS, Caller, Grants


@dataclass(frozen=True, slots=True)
class StaticKeys:
    """Keys that never change. The response time does not depend on which key is wrong."""

    callers: tuple[tuple[bytes, Caller], ...]

    @classmethod
    def of(cls, callers: Mapping[str, Caller]) -> Self:
        return cls(tuple((_digest(key), caller) for key, caller in callers.items()))

    def authenticate(self, key: str) -> Caller | None:
        offered, found = _digest(key), None
        for digest, caller in self.callers:
            if hmac.compare_digest(digest, offered):
                found = caller
        return found


def owner_of(tenant: str) -> Caller:
    """An admin of a tenant with all grants: the caller with the bootstrap key."""
    everything = Grants(frozenset((kind, EVERYTHING) for kind in GRANT_KINDS))
    return Caller(tenant, user=tenant, key_id="bootstrap", admin=True, grants=everything)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode(errors="surrogatepass")).digest()
