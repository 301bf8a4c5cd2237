import base64
import hashlib

import pytest

from libs.core.api_keys import new_api_key
from libs.core.key_strength import new_secret_key, weakness, weakness_of_api_key

PUBLISHED = [
    "at-least-sixteen-bytes-and-the-same-everywhere",
    "the-first-key-of-your-users",
    "changeme",
    "secret",
    "placeholder-key-for-generation",
    "my-super-secret-signing-key-for-production-2024",
]
PATTERNS = [
    "changeme" * 5,
    "0123456789abcdef" * 4,
    "00112233445566778899aabbccddeeff",
    "deadbeef" * 8,
    "a" * 64,
    "1" * 64,
    "CorrectHorseBatteryStapleIsMyKey2024",
    "AtLeastSixteenBytesAndTheSameEverywhere1",
    "qwertyuiopasdfghjklzxcvbnm1234567890",
    "Passw0rd1Passw0rd1Passw0rd1Passw0rd1",
    "schlüssel" * 8,
    "-" * 40,
    "",
]


@pytest.mark.parametrize("key", PUBLISHED + PATTERNS)
def test_published_examples_words_and_patterns_are_weak(key: str) -> None:
    assert weakness(key) is not None
    assert weakness_of_api_key(key) is not None


def test_generated_keys_are_strong() -> None:
    assert [key for key in (new_secret_key() for _ in range(200)) if weakness(key)] == []


def test_api_keys_of_our_own_form_are_strong() -> None:
    assert [key for key in (new_api_key() for _ in range(200)) if weakness_of_api_key(key)] == []


def test_what_random_generators_make_is_strong() -> None:
    digests = [hashlib.sha256(b"%d" % number).digest() for number in range(1000)]
    for encoded in (lambda digest: digest.hex()[:32], lambda digest: base64.b64encode(digest).decode()):
        assert sum(weakness(encoded(digest)) is not None for digest in digests) < 20
