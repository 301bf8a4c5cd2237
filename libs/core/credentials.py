"""Who asks: from the Authorization header to a tenant."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that open the door, as SHA-256 only, each with its tenant."""

    tenants: tuple[tuple[bytes, str], ...]

    @classmethod
    def of(cls, key: str, tenant: str) -> Self:
        """Return the set of one key."""
        return cls(((_digest(key.encode()), tenant),))

    def tenant_of(self, authorization: bytes) -> str | None:
        """Return the tenant of `Bearer <key>`, or None. Takes the same time whichever key is wrong."""
        scheme, _, key = authorization.partition(b" ")
        offered = _digest(key.strip())
        found = None
        for digest, tenant in self.tenants:
            if hmac.compare_digest(digest, offered):
                found = tenant
        return found if scheme.lower() == b"bearer" else None


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()
