"""Rejects weak configured keys: published examples, words, patterns, short keys."""

import hashlib
import re
import secrets
from base64 import b64decode
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

from libs.core.api_keys import lookup_of

# A string does not reveal its entropy, but most keys that no random generator made are detectable: a key must look like
# 128 random bits or more in hex or base64. This rejects fewer than one random key in 1,000 (hex) or 100 (base64).
MIN_KEY_CHARS = 32
GENERATE = "`moe secrets generate` makes a strong one"
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_BASE64 = re.compile(r"[0-9A-Za-z+/_-]+={0,2}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_VERSION, _RANDOM = 14, "4"  # place of a UUID's version, and the only one without a time or a name (RFC 9562)
_WORD = re.compile(r"[a-z]{4,}|[A-Z]{4,}")
_MIN_DISTINCT = 8
_MIN_FRESH = 0.75  # share of the runs of three characters that are not repetitions of an earlier one
_MAX_STEPS = 0.5  # share of neighbours that are alike or follow each other: random hex has 0.18
_DISTANCES = range(1, 5)  # of such neighbours: `1a2b3c` counts at a distance of two
_HASHES = ("md5", "sha1", "sha256", "sha384", "sha512")
_HASHED = (  # words whose digests are published, and keys of examples
    "", "1234", "123456", "12345678", "a", "abc", "admin", "changeme", "default", "demo", "example", "foo", "foobar",
    "hello", "hello world", "hunter2", "key", "letmein", "password", "qwerty", "root", "secret", "test", "token",
)  # fmt: skip
_MIN_CHANGES = {"hex": 0.15, "base64": 0.36}  # between digits, small and capital letters: random ones 0.47, 0.62


def new_secret_key() -> str:
    """256 random bits in hex."""
    return secrets.token_hex(32)


def weakness(key: str) -> str | None:
    """The fault of a secret key, as a predicate that follows the key's name; None for a strong key."""
    if len(key) < MIN_KEY_CHARS:
        return f"has fewer than {MIN_KEY_CHARS} characters"
    if _UUID.fullmatch(key) and key[_VERSION] != _RANDOM:
        return "is a UUID with a time or a name in it"
    if _HEX.fullmatch(plain := key.replace("-", "")):
        return _fault_of_content(bytes.fromhex(plain[: len(plain) // 2 * 2])) or _pattern_in(plain, "hex")
    if _BASE64.fullmatch(key):
        return _fault_of_content(_from_base64(key)) or _pattern_in(re.sub(r"[^0-9A-Za-z]", "", key), "base64")
    return "is neither hex nor base64"


def content_of(key: str) -> bytes:
    """The bytes of a key, equal for the same key in hex of either case, with dashes, or in base64."""
    if _HEX.fullmatch(plain := key.replace("-", "")) and len(plain) % 2 == 0:
        return bytes.fromhex(plain)
    return _from_base64(key) if _BASE64.fullmatch(key) and len(key.rstrip("=")) % 4 != 1 else key.encode()


def weakness_of_api_key(key: str) -> str | None:
    """As `weakness`, for an API key of an operator. Keys of our own form have 190 random bits and pass."""
    return None if lookup_of(key) is not None else weakness(key)


def _from_base64(key: str) -> bytes:
    digits = key.rstrip("=").replace("-", "+").replace("_", "/")
    whole = digits[:-1] if len(digits) % 4 == 1 else digits
    return b64decode(whole + "=" * (-len(whole) % 4))


def _fault_of_content(content: bytes) -> str | None:
    """The fault of the bytes that a key encodes: a text, or the digest of a word."""
    if any(digest.startswith(content) for digest in _digests()):
        return "is the digest of a word"
    try:
        text = content.decode().rstrip("\n")
    except UnicodeDecodeError:
        return None
    return "is an encoded text" if text.isprintable() and weakness(text) is not None else None


@cache
def _digests() -> tuple[bytes, ...]:
    texts = [text.encode() for word in _HASHED for text in (word, word + "\n")]
    return tuple(hashlib.new(name, text, usedforsecurity=False).digest() for text in texts for name in _HASHES)


def _pattern_in(key: str, alphabet: str) -> str | None:
    if len(key) < MIN_KEY_CHARS - 8:
        return "consists of punctuation"
    if len(set(key)) < _MIN_DISTINCT or _fresh(key) < _MIN_FRESH:
        return "repeats itself"
    if any(_steps(key, distance) > _MAX_STEPS for distance in _DISTANCES):
        return "counts up or down"
    if _share(_kind(one) != _kind(other) for one, other in pairwise(key)) < _MIN_CHANGES[alphabet]:
        return "is made of words or numbers"
    if not any(character.isdigit() for character in key) or sum(map(len, _WORD.findall(key))) > len(key) / 2:
        return "is made of words"
    return None


def _fresh(key: str) -> float:
    runs = [key[start : start + 3] for start in range(len(key) - 2)]
    return len(set(runs)) / len(runs)


def _steps(key: str, distance: int) -> float:
    return _share(abs(ord(one) - ord(other)) <= 1 for one, other in zip(key, key[distance:], strict=False))


def _share(found: Iterable[bool]) -> float:
    hits = list(found)
    return sum(hits) / len(hits)


def _kind(character: str) -> int:
    return 0 if character.isdigit() else 1 if character.islower() else 2
