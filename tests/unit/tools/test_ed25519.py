"""The verifier's own Ed25519 agrees with the vectors of RFC 8032 and with an independent implementation."""

import ed25519
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORDER = 2**252 + 27742317777372353535851937790883648493
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
        "655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
        "b00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_the_vectors_of_the_standard_hold(key: str, message: str, signature: str) -> None:
    assert ed25519.verify(bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature))


def test_it_accepts_what_others_sign_and_nothing_that_differs_by_a_bit() -> None:
    for number in range(10):
        private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        key = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        message = bytes(range(number * 7))
        signature = private.sign(message)
        assert ed25519.verify(key, message, signature)
        assert not ed25519.verify(key, message + b"!", signature)
        place = number * 6
        flipped = bytes([*signature[:place], signature[place] ^ 1, *signature[place + 1 :]])
        assert not ed25519.verify(key, message, flipped)


def test_a_signature_has_one_spelling() -> None:
    private = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    key = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    signature = private.sign(b"m")
    grown = int.from_bytes(signature[32:], "little") + ORDER
    assert not ed25519.verify(key, b"m", signature[:32] + grown.to_bytes(32, "little"))


@pytest.mark.parametrize("key", [b"\xff" * 32, (2).to_bytes(32, "little"), b"\x01" + bytes(30) + b"\x80"])
def test_what_is_no_point_is_no_key(key: bytes) -> None:
    assert not ed25519.verify(key, b"m", bytes(64))
