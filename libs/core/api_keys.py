"""API keys: `moe-sk-<lookup>-<secret>-<checksum>`, in letters and digits.

The lookup is public and names the key; the secret has 190 bits; the checksum tells a typo, and a string that a scanner
found, without asking any store. What is kept of a key is its lookup and its digest.
"""

import hashlib
import re
import secrets
import string
import zlib

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
    """Return a key that nobody had before. Whoever loses it needs another one."""
    stem = f"{PREFIX}{_random(LOOKUP_CHARS)}-{_random(SECRET_CHARS)}"
    return f"{stem}-{_checksum(stem)}"


def lookup_of(key: str) -> str | None:
    """Return the public part of a key, None for what cannot be one: another form, or a typo."""
    found = _FORM.fullmatch(key)
    if found is None or found["checksum"] != _checksum(key[: found.start("checksum") - 1]):
        return None
    return found["lookup"]


def digest_of(key: str) -> bytes:
    """Return the SHA-256 of the key as it is written on the wire, 32 bytes. Takes any text."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _checksum(stem: str) -> str:
    rest, low = divmod(zlib.crc32(stem.encode("ascii")), len(_PAIRS))
    high, middle = divmod(rest, len(_PAIRS))
    return _PAIRS[high] + _PAIRS[middle] + _PAIRS[low]


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
