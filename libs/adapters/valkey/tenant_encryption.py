"""What a tenant's notes look like to everybody else: names that tell nothing, and contents that cannot be read."""

import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class TenantEncryption:
    """Names and seals under keys that are derived for a tenant, so what one tenant has is never found by another.

    AES-256-GCM; a sealed value is bound to the name that it is kept under.
    """

    def __init__(self, root: str) -> None:
        master = root.encode()

        def keys_of(tenant: str) -> tuple[bytes, AESGCM]:
            secret = hmac.digest(master, f"notes of {tenant}".encode(), "sha256")
            return hmac.digest(secret, b"names", "sha256"), AESGCM(hmac.digest(secret, b"contents", "sha256"))

        self._keys_of = lru_cache(maxsize=1024)(keys_of)

    def name(self, tenant: str, kind: str, what: bytes) -> str:
        """Return `moe:<kind>:<32 hex digits>`, a function of all three."""
        key, _ = self._keys_of(tenant)
        return f"moe:{kind}:{hmac.digest(key, kind.encode() + b'/' + what, 'sha256').hex()[:32]}"

    def list_of(self, tenant: str, subject: str) -> str:
        """Return the name of the list of what is noted of a person; `subject` is a pseudonym."""
        return self.name(tenant, "person", subject.encode())

    def encrypt(self, tenant: str, name: str, plain: bytes) -> bytes:
        """Return what can be kept under a name."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._keys_of(tenant)[1].encrypt(nonce, plain, name.encode())

    def decrypt(self, tenant: str, name: str, sealed: bytes) -> bytes | None:
        """Return what was sealed for this tenant under this name, None for anything else."""
        try:
            return self._keys_of(tenant)[1].decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError):
            return None
