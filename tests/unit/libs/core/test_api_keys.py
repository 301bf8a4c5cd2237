"""A key has one form, and a typo is detected without a look-up."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.core.api_keys import PREFIX, digest_of, lookup_of, new_api_key

ALPHABET = string.ascii_letters + string.digits


def test_a_key_has_four_parts_of_letters_and_digits() -> None:
    lookup, secret, checksum = new_api_key().removeprefix(PREFIX).split("-")
    assert (len(lookup), len(secret), len(checksum)) == (16, 32, 6)
    assert set(lookup + secret + checksum) <= set(ALPHABET)


def test_the_secret_alone_has_more_than_160_bits() -> None:
    assert 62**32 > 2**160


def test_its_public_part_is_found_in_it() -> None:
    key = new_api_key()
    assert lookup_of(key) == key.split("-")[2]


def test_two_keys_share_nothing() -> None:
    keys = [new_api_key() for _ in range(200)]
    assert len({lookup_of(key) for key in keys}) == len({key.split("-")[3] for key in keys}) == 200


@given(st.integers(len(PREFIX), len(new_api_key()) - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_makes_it_no_key(position: int, character: str) -> None:
    key = new_api_key()
    wrong = key[:position] + character + key[position + 1 :]
    assert wrong == key or lookup_of(wrong) is None


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert lookup_of(text) is None
    assert lookup_of(PREFIX + text) is None
    assert len(digest_of(text)) == 32


@pytest.mark.parametrize(
    "change", [str.upper, str.lower, lambda key: key + "\n", lambda key: " " + key, lambda key: ""]
)
def test_a_key_is_read_as_it_is_or_not_at_all(change: object) -> None:
    assert callable(change)
    assert lookup_of(change(new_api_key())) is None


def test_a_known_key_keeps_its_checksum() -> None:
    """Keys that are in use stay valid: the form is a promise."""
    stem = "moe-sk-0123456789abcdef-ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    assert lookup_of(f"{stem}-0orIEe") == "0123456789abcdef"


def test_digits_of_other_scripts_are_no_digits() -> None:
    key = new_api_key()
    assert lookup_of(key.replace(key.split("-")[2], "\u0660" * 16)) is None


@pytest.mark.parametrize("text", ["\ud800", "schlüssel", "", "x" * 100_000])
def test_a_digest_takes_any_text(text: str) -> None:
    assert len(digest_of(text)) == 32
