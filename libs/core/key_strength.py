"""Rejects weak configured keys: published examples, words, patterns, short keys."""

import re
import secrets
from collections.abc import Iterable
from itertools import pairwise

from libs.core.api_keys import lookup_of

# A string does not reveal its entropy, but most keys that no random generator made are detectable: a key must look like
# 128 random bits or more in hex or base64. This rejects fewer than one random key in 1,000 (hex) or 100 (base64).
MIN_KEY_CHARS = 32
GENERATE = "`moe secrets generate` makes a strong one"
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_BASE64 = re.compile(r"[0-9A-Za-z+/_-]+={0,2}")
_WORD = re.compile(r"[a-z]{4,}|[A-Z]{4,}")
_MIN_DISTINCT = 8
_MIN_FRESH = 0.75  # share of the runs of three characters that are not repetitions of an earlier one
_MAX_STEPS = 0.5  # share of neighbours that are alike or follow each other: random hex has 0.18
_MIN_CHANGES = {"hex": 0.15, "base64": 0.36}  # between digits, small and capital letters: random ones 0.47, 0.62


def new_secret_key() -> str:
    """256 random bits in hex."""
    return secrets.token_hex(32)


def weakness(key: str) -> str | None:
    """The fault of a secret key, as a predicate that follows the key's name; None for a strong key."""
    if len(key) < MIN_KEY_CHARS:
        return f"has fewer than {MIN_KEY_CHARS} characters"
    if _HEX.fullmatch(plain := key.replace("-", "")):
        return _pattern_in(plain, "hex")
    if _BASE64.fullmatch(key):
        return _pattern_in(re.sub(r"[^0-9A-Za-z]", "", key), "base64")
    return "is neither hex nor base64"


def weakness_of_api_key(key: str) -> str | None:
    """As `weakness`, for an API key of an operator. Keys of our own form have 190 random bits and pass."""
    return None if lookup_of(key) is not None else weakness(key)


def _pattern_in(key: str, alphabet: str) -> str | None:
    if len(key) < MIN_KEY_CHARS - 8:
        return "consists of punctuation"
    if len(set(key)) < _MIN_DISTINCT or _fresh(key) < _MIN_FRESH:
        return "repeats itself"
    if _share(abs(ord(one) - ord(other)) <= 1 for one, other in pairwise(key)) > _MAX_STEPS:
        return "counts up or down"
    if _share(_kind(one) != _kind(other) for one, other in pairwise(key)) < _MIN_CHANGES[alphabet]:
        return "is made of words or numbers"
    if not any(character.isdigit() for character in key) or sum(map(len, _WORD.findall(key))) > len(key) / 2:
        return "is made of words"
    return None


def _fresh(key: str) -> float:
    runs = [key[start : start + 3] for start in range(len(key) - 2)]
    return len(set(runs)) / len(runs)


def _share(found: Iterable[bool]) -> float:
    hits = list(found)
    return sum(hits) / len(hits)


def _kind(character: str) -> int:
    return 0 if character.isdigit() else 1 if character.islower() else 2
