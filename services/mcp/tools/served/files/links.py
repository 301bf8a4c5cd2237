"""Links to stored files: the holder may download until expiry. Tenant, object and expiry are signed."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass

import orjson

from libs.ports.objects import ObjectKey

PATH = "/downloads/"
MAX_TOKEN_CHARS = 1024
_PURPOSE = b"moe:downloads:1"
_MAC_BYTES = 32


@dataclass(frozen=True, slots=True)
class DownloadLinks:
    """Makes and reads links. `key` is of this purpose alone; `base` is where clients reach us, without a slash.

    Links under `others` are read too.
    """

    key: bytes
    base: str
    others: tuple[bytes, ...] = ()

    def make(self, place: ObjectKey, expires_at: float) -> str:
        """URL of an object, valid until a moment in Unix seconds."""
        payload = orjson.dumps([place.tenant, place.bucket, place.name, int(expires_at)])
        return f"{self.base}{PATH}{_text(_mac(self.key, payload) + payload)}"

    def read(self, token: str, now: float) -> ObjectKey | None:
        """Target of a link; None if it is foreign, changed, or expired."""
        signed = _bytes(token) if len(token) <= MAX_TOKEN_CHARS else b""
        mac, payload = signed[:_MAC_BYTES], signed[_MAC_BYTES:]
        if not any(hmac.compare_digest(mac, _mac(key, payload)) for key in (self.key, *self.others)):
            return None
        tenant, bucket, name, expires_at = orjson.loads(payload)
        return ObjectKey(tenant, bucket, name) if now < expires_at else None

    def token_in(self, url: str) -> str | None:
        """Token of one of our own URLs, None for any other URL."""
        prefix = self.base + PATH
        return url.removeprefix(prefix) if url.startswith(prefix) else None


def key_from(secret: str) -> bytes:
    """Link key, derived from a secret with other purposes."""
    return hmac.digest(secret.encode(), _PURPOSE, "sha256")


def _mac(key: bytes, payload: bytes) -> bytes:
    return hmac.digest(key, payload, "sha256")


def _text(signed: bytes) -> str:
    return urlsafe_b64encode(signed).decode().rstrip("=")


def _bytes(token: str) -> bytes:
    try:
        read = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (Base64Error, ValueError):
        return b""
    return read if _text(read) == token else b""  # one link, one spelling
