import base64
import hashlib
import uuid

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
    "1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d",
    "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6",
    "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "a0b1c2d3e4f5061728394a5b6c7d8e9f" * 2,
    "-" * 40,
    "",
]


TEXTS = [
    "SuperKesselSommer2024!",
    "MySuperSecretSigningKey2024",
    "12345678901234567890123456789012",
    "The quick brown fox jumps",
    "schlüssel-für-die-flotte",
    '{"alg":"HS256","typ":"JWT"}',
]
ENCODED = [
    encode(text.encode()).decode()
    for text in TEXTS
    for encode in (base64.b64encode, base64.urlsafe_b64encode, base64.b16encode, lambda text: text.hex().encode())
]
DIGESTS = [
    hashlib.new(name, word.encode()).hexdigest()
    for name in ("md5", "sha1", "sha256", "sha512")
    for word in ("", "password", "secret", "changeme", "test", "admin", "123456", "abc", "hello")
]
OF_TIME = [
    "0d9bbd12-e8b0-11f1-b1ac-02fc00000001",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "01890a5d-ac96-774b-bcce-b302099a8057",
]


@pytest.mark.parametrize("key", PUBLISHED + PATTERNS + ENCODED + DIGESTS + OF_TIME)
def test_published_examples_words_and_patterns_are_weak(key: str) -> None:
    assert weakness(key) is not None
    assert weakness_of_api_key(key) is not None


def test_an_encoded_key_is_as_strong_as_the_key() -> None:
    encoded = [base64.b64encode(f"{new_secret_key()}\n".encode()).decode() for _ in range(200)]
    assert sum(weakness(key) is not None for key in encoded) < 5


def test_random_uuids_are_strong() -> None:
    assert sum(weakness(str(uuid.uuid4())) is not None for _ in range(200)) < 5


def test_generated_keys_are_strong() -> None:
    assert [key for key in (new_secret_key() for _ in range(200)) if weakness(key)] == []


def test_api_keys_of_our_own_form_are_strong() -> None:
    assert [key for key in (new_api_key() for _ in range(200)) if weakness_of_api_key(key)] == []


def test_what_random_generators_make_is_strong() -> None:
    digests = [hashlib.sha256(b"%d" % number).digest() for number in range(1000)]
    for encoded in (lambda digest: digest.hex()[:32], lambda digest: base64.b64encode(digest).decode()):
        assert sum(weakness(encoded(digest)) is not None for digest in digests) < 20
