"""Names and encrypts key-value entries of a tenant."""

import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class TenantEncryption:
    """Derives keys for each tenant, so no tenant can find or read the values of another.

    AES-256-GCM; a value is bound to its name.
    """

    def __init__(self, root: str) -> None:
        master = root.encode()

        def keys_of(tenant: str) -> tuple[bytes, AESGCM]:
            secret = hmac.digest(master, f"notes of {tenant}".encode(), "sha256")
            return hmac.digest(secret, b"names", "sha256"), AESGCM(hmac.digest(secret, b"contents", "sha256"))

        self._keys_of = lru_cache(maxsize=1024)(keys_of)

    def name(self, tenant: str, kind: str, what: bytes) -> str:
        """`moe:<kind>:<32 hex digits>`, a function of all three arguments."""
        key, _ = self._keys_of(tenant)
        return f"moe:{kind}:{hmac.digest(key, kind.encode() + b'/' + what, 'sha256').hex()[:32]}"

    def list_of(self, tenant: str, subject: str) -> str:
        """The name of the list of a data subject's values; `subject` is a pseudonym."""
        return self.name(tenant, "person", subject.encode())

    def encrypt(self, tenant: str, name: str, plain: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._keys_of(tenant)[1].encrypt(nonce, plain, name.encode())

    def decrypt(self, tenant: str, name: str, sealed: bytes) -> bytes | None:
        """None unless encrypted for this tenant and this name."""
        try:
            return self._keys_of(tenant)[1].decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError):
            return None
