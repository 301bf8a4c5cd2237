"""Rejects weak configured keys: published examples, words, patterns, short keys."""

import hashlib
import re
import secrets
from base64 import b64decode
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache
from itertools import pairwise, product

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
_HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512", "blake2b", "blake2s")
_HASHED = (  # words whose digests are published, and keys of examples
    "", "0", "1", "1234", "123456", "12345678", "123456789", "1234567890", "P@ssw0rd", "Password1", "a", "abc",
    "abc123", "admin", "admin123", "bar", "baz", "changeme", "default", "demo", "dev", "development", "dragon",
    "example", "fleet", "foo", "foobar", "hello", "hello world", "hunter2", "iloveyou", "journal", "key",
    "letmein", "master", "moe", "monkey", "passw0rd", "password", "password123", "production", "qwerty",
    "qwerty123", "root", "secret", "secret-key", "secretkey", "signing-key", "sovereign", "sovereign-fleet",
    "test", "test123", "testing", "token", "user", "welcome",
)  # fmt: skip
# Random keys in base64 contain one of these with a probability below 1 in 100,000.
_WORDS = (
    "change", "default", "demokey", "example", "master", "password", "passw0rd", "please", "private", "product",
    "qwerty", "replace", "secret", "signing", "sovereign", "testkey", "welcome",
)  # fmt: skip
# Starts of constants and keys that standards publish: RFC 7515, pi, FIPS 197, MD5, SHA-256, SHA-512.
_PUBLISHED = tuple(map(bytes.fromhex, (
    "0323354b2b0fa5bc", "243f6a8885a308d3", "2b7e151628aed2a6", "603deb1015ca71be", "67452301efcdab89",
    "6a09e667bb67ae85", "6a09e667f3bcc908", "8e73b0f7da0e6452",
)))  # fmt: skip
_SPELLINGS = str.maketrans("013457@$", "oieastas")
_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"), ("1234567890", "qwertzuiop", "asdfghjkl", "yxcvbnm")
_ROW_OFFSETS = (0.0, 0.5, 0.75, 1.25)
_NEAR = 1.1  # width of keys, between neighbours in a row or in adjacent rows
_MAX_WALK = 0.6  # share of neighbours on a keyboard: random base64 has 0.15, random hex 0.25
_UUID_BYTES = 16
_PADDING = " \t\r\n\0"
_MIN_TEXT = 0.85  # share of printable ASCII in a text with other bytes; random bytes have 0.38
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
    """The fault of the bytes that a key encodes: a text, the digest of a word, or UUIDs of a time."""
    if content.startswith(_digests()) or any(digest.startswith(content) for digest in _digests()):
        return "is the digest of a word"
    if content.startswith(_PUBLISHED):
        return "is a published constant"
    blocks = [content[start : start + _UUID_BYTES].hex() for start in range(0, len(content), _UUID_BYTES)]
    if all(len(block) == 2 * _UUID_BYTES and _is_of_a_time(block) for block in blocks):
        return "is a UUID with a time in it"
    text = _text_in(content)
    return "is an encoded text" if text is not None and weakness(text) is not None else None


def _text_in(content: bytes) -> str | None:
    """The text in UTF-8, ASCII with a few other bytes, or UTF-16, without padding; None for other content."""
    with suppress(UnicodeDecodeError):
        if (text := content.decode("utf-8-sig").strip(_PADDING)).isprintable():
            return text
    plain = content.replace(b"\0", b"")
    ascii_text = "".join(chr(byte) for byte in plain if chr(byte).isascii() and chr(byte).isprintable())
    return ascii_text if plain and len(ascii_text) >= _MIN_TEXT * len(plain) else None


def _is_of_a_time(digits: str) -> bool:
    """Whether 32 hex digits are a UUID of version 1, 6 or 7 of the years 1990 to 2050; 1 in 1,900 random ones is."""
    version, variant = digits[_VERSION - 2], digits[16]
    high = {"1": digits[13:16], "6": digits[:3], "7": digits[:4]}.get(version)
    years = range(0x0092, 0x024C) if version == "7" else range(0x1C8, 0x20C)
    return variant in "89ab" and high is not None and int(high, 16) in years


@cache
def _digests() -> tuple[bytes, ...]:
    texts = [text.encode() for word in _HASHED for text in (word, word + "\n")]
    return tuple(hashlib.new(name, text, usedforsecurity=False).digest() for text in texts for name in _HASHES)


def _pattern_in(key: str, alphabet: str) -> str | None:
    if len(key) < MIN_KEY_CHARS - 8:
        return "consists of punctuation"
    if len(set(key)) < _MIN_DISTINCT or _fresh(key) < _MIN_FRESH or key == key[::-1]:
        return "repeats itself"
    if any(_steps(key, distance) > _MAX_STEPS for distance in _DISTANCES):
        return "counts up or down"
    if any(_share(near(pair) for pair in pairwise(key.lower())) > _MAX_WALK for near in _keyboards()):
        return "is a walk on a keyboard"
    if any(word in text for text in (key.lower(), key.lower().translate(_SPELLINGS)) for word in _WORDS):
        return "contains words"
    if _share(_kind(one) != _kind(other) for one, other in pairwise(key)) < _MIN_CHANGES[alphabet]:
        return "is made of words or numbers"
    if not any(character.isdigit() for character in key) or sum(map(len, _WORD.findall(key))) > len(key) / 2:
        return "is made of words"
    return None


@cache
def _keyboards() -> tuple[Callable[[tuple[str, str]], bool], ...]:
    """For each keyboard, whether two keys are the same or neighbours."""
    return tuple(_near_pairs(rows).__contains__ for rows in _ROWS)


def _near_pairs(rows: Sequence[str]) -> frozenset[tuple[str, str]]:
    places = {
        key: (column + _ROW_OFFSETS[row], row) for row, keys in enumerate(rows) for column, key in enumerate(keys)
    }
    return frozenset(
        (one, other)
        for (one, (x, y)), (other, (x2, y2)) in product(places.items(), repeat=2)
        if abs(x - x2) < _NEAR and abs(y - y2) <= 1
    )


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
