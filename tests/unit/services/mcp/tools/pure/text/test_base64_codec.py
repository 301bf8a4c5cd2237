"""`base64_codec`: RFC 4648, checked against bit strings."""

import random
import string

import pytest

from services.mcp.contract import ToolError
from services.mcp.tools.pure.registry import invoke
from services.mcp.tools.pure.text.base64_codec import Base64Arguments, Base64Result, Mode, base64_codec
from tests.support.mcp.exactness import Exactness

STANDARD = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
URLSAFE = STANDARD[:62] + "-_"


def run(text: str, mode: Mode) -> Base64Result:
    return base64_codec(Base64Arguments(text=text, mode=mode))


def by_bits(octets: bytes, alphabet: str) -> str:
    """Base64 by the definition of the RFC: a string of bits in groups of six."""
    bits = "".join(f"{octet:08b}" for octet in octets)
    bits += "0" * (-len(bits) % 6)
    text = "".join(alphabet[int(bits[at : at + 6], 2)] for at in range(0, len(bits), 6))
    return text + "=" * (-len(text) % 4)


def texts(turns: range, seed: int) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices("abcXYZ 09äß€中😀\n\0~?>", k=rng.randrange(40))) for _ in turns]


@pytest.mark.parametrize(
    ("plain", "coded"),
    [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")],
)
def test_the_vectors_of_the_rfc(plain: str, coded: str) -> None:
    assert run(plain, "encode").text == coded
    assert run(coded, "decode").text == plain


def test_encoding_equals_the_bits_regrouped(exact: Exactness) -> None:
    for text in texts(exact.cases("base64_codec", 1_000), seed=3):
        exact.table("base64_codec", 1)  # two calls per case
        assert run(text, "encode").text == by_bits(text.encode(), STANDARD)
        assert run(text, "urlsafe_encode").text == by_bits(text.encode(), URLSAFE)


def test_a_changed_character_is_refused_unless_it_is_what_its_bytes_are_written_as(exact: Exactness) -> None:
    rng = random.Random(5)
    for _ in exact.cases("base64_codec", 2_000):
        written = list(by_bits(rng.randbytes(rng.randrange(1, 12)), STANDARD))
        written[rng.randrange(len(written))] = rng.choice(STANDARD + "=-_. ")
        text = "".join(written)
        try:
            decoded = bytes.fromhex(run(text, "decode").hex or "")
        except ToolError:
            assert by_bits(from_bits(text), STANDARD) != text.replace(" ", ""), text
            continue
        assert by_bits(decoded, STANDARD) == text.replace(" ", ""), text


def from_bits(text: str) -> bytes:
    """The whole bytes of those characters that are in the alphabet."""
    bits = "".join(f"{STANDARD.index(letter):06b}" for letter in text if letter in STANDARD)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8))


def test_decoding_gives_back_any_bytes(exact: Exactness) -> None:
    rng = random.Random(4)
    for _ in exact.cases("base64_codec", 1_000):
        exact.table("base64_codec", 1)  # two calls per case
        octets = rng.randbytes(rng.randrange(40))
        for alphabet, mode in ((STANDARD, "decode"), (URLSAFE, "urlsafe_decode")):
            found = base64_codec(Base64Arguments.model_validate({"text": by_bits(octets, alphabet), "mode": mode}))
            assert (found.hex, found.bytes) == (octets.hex(), len(octets))
            assert found.text is None or found.text.encode() == octets


def test_bytes_that_are_no_text_are_given_in_hexadecimal() -> None:
    found = run("/w==", "decode")
    assert (found.text, found.hex) == (None, "ff")


def test_lines_may_be_broken() -> None:
    assert run("Zm9v\r\nYmFy\n", "decode").text == "foobar"


def test_the_urlsafe_alphabet_may_lack_its_padding() -> None:
    assert run("Zm8", "urlsafe_decode").text == "fo"


def test_of_all_last_characters_only_the_canonical_one_is_taken() -> None:
    for last in STANDARD:
        taken = True
        try:
            run(f"Z{last}==", "decode")
        except ToolError:
            taken = False
        assert taken == (STANDARD.index(last) % 16 == 0)


@pytest.mark.parametrize("mode", ["decode", "urlsafe_decode"])
@pytest.mark.parametrize("text", ["Z", "Zg=", "Z===", "Zg==Zg==", "Zm9v=", "====", "Zm9v!", "Zäg=", "=Zg=", "Zm9vY"])
def test_what_is_no_base64_is_refused(text: str, mode: Mode) -> None:
    with pytest.raises(ToolError) as caught:
        run(text, mode)
    assert caught.value.code == "invalid_argument"


def test_each_alphabet_refuses_the_other() -> None:
    for text, mode in (("-_-_", "decode"), ("+/+/", "urlsafe_decode"), ("Zm8", "decode")):
        with pytest.raises(ToolError):
            base64_codec(Base64Arguments.model_validate({"text": text, "mode": mode}))


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ToolError):
        invoke("base64_codec", {"text": "x", "mode": "rot13"})
