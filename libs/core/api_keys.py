"""API keys: `moe-sk-<lookup>-<secret>-<checksum>`, in letters and digits."""

import hashlib
import re
import secrets
import string
import zlib

# The lookup is public and identifies the key; the secret has 190 bits. The checksum detects a typo, and confirms a find
# of a secret scanner, without a query to any store. Stores hold the lookup and the digest of a key only.
PREFIX = "moe-sk-"
LOOKUP_CHARS = 16
SECRET_CHARS = 32
_CHECKSUM_CHARS = 6  # 62^6 > 2^32
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]
_FORM = re.compile(
    f"{PREFIX}(?P<lookup>[0-9A-Za-z]{{{LOOKUP_CHARS}}})-[0-9A-Za-z]{{{SECRET_CHARS}}}"
    f"-(?P<checksum>[0-9A-Za-z]{{{_CHECKSUM_CHARS}}})"
)


def new_api_key() -> str:
    """A new random key. No store holds it, so a lost key must be replaced."""
    stem = f"{PREFIX}{_random(LOOKUP_CHARS)}-{_random(SECRET_CHARS)}"
    return f"{stem}-{_checksum(stem)}"


def lookup_of(key: str) -> str | None:
    """The public part of a key; None if the form or the checksum is wrong."""
    found = _FORM.fullmatch(key)
    if found is None or found["checksum"] != _checksum(key[: found.start("checksum") - 1]):
        return None
    return found["lookup"]


def possible_lookup(text: str) -> str:
    """What would be the public part if a text were a key; its form and checksum are not checked."""
    return text[len(PREFIX) : len(PREFIX) + LOOKUP_CHARS]


def digest_of(key: str) -> bytes:
    """SHA-256 of the key as sent on the wire, 32 bytes. Accepts any text."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _checksum(stem: str) -> str:
    rest, low = divmod(zlib.crc32(stem.encode("ascii")), len(_PAIRS))
    high, middle = divmod(rest, len(_PAIRS))
    return _PAIRS[high] + _PAIRS[middle] + _PAIRS[low]


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
