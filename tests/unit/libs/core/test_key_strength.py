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
ENCODED += [
    base64.b64encode(text).decode()
    for word in (b"sovereign-fleet-signing-key", b"correct horse battery staple")
    for text in (
        word + b"\r\n", b"\t" + word, b"\xef\xbb\xbf" + word, word.ljust(48, b"\0"), word + b"\xe9",
        word.decode().encode("utf-16"), word.decode().encode("utf-16-le"), word.decode().encode("utf-16-be"),
        word.decode().encode("utf-32"), base64.b64encode(word), word.hex().encode(),
    )
]  # fmt: skip
WALKS = [
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "zaq12wsxcde34rfvbgt56yhnmju78ik9",
    "1q2w3e4r5t6z7u8i9o0pASDFGHJKL123",
]
WORDS = [
    "S0v3r31gnFl33tS1gn1ngK3y2024Pr0duct10n",
    "Ch4ng3M3N0wB3f0r3Pr0duct10nUs3Pl34s3",
    "xK9pQ2secretvB7nM4wZ8tR5yL1cD6fG3h",
]
CONSTANTS = [
    "2b7e151628aed2a6abf7158809cf4f3c",
    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
    "243f6a8885a308d313198a2e03707344a4093822299f31d0",
    "6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19",
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    "8434f82e84570e8668e07548e28f4348",
]
DIGESTS = [
    hashlib.new(name, word.encode()).hexdigest()
    for name in ("md5", "sha1", "sha224", "sha256", "sha512", "sha3_256", "blake2b", "blake2s")
    for word in (
        "admin123",
        "sovereign-fleet",
        "moe",
        "P@ssw0rd",
        "",
        "password",
        "secret",
        "changeme",
        "test",
        "admin",
        "123456",
        "abc",
        "hello",
    )
]
OF_TIME = [
    "a34e863ae8fd11f19ca202fc00000001",
    "A34E863AE8FD11F19CA202FC00000001",
    "01890a5dac96774bbcceb302099a8057",
    "1f0e8fda34e8663a9ca202fc00000001",
    "o06G2uj9EfGcogL8AAAAAaNOh0jo/RHxnKIC/AAAAAE=",
    "0d9bbd12-e8b0-11f1-b1ac-02fc00000001",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "01890a5d-ac96-774b-bcce-b302099a8057",
]


@pytest.mark.parametrize("key", [*PUBLISHED, *PATTERNS, *ENCODED, *WALKS, *WORDS, *CONSTANTS, *DIGESTS, *OF_TIME])
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
