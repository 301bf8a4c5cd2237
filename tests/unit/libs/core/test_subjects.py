"""A pseudonym is deterministic, unique, and meaningless without the key."""

from libs.core.subjects import PSEUDONYM_CHARS, pseudonym

KEY = "a signing key for tests"


def test_the_same_user_of_a_tenant_has_one_pseudonym() -> None:
    assert pseudonym(KEY, "acme", "ada") == pseudonym(KEY, "acme", "ada")
    assert len(pseudonym(KEY, "acme", "ada")) == PSEUDONYM_CHARS


def test_two_users_two_tenants_and_two_keys_have_nothing_in_common() -> None:
    variants = {pseudonym(*each) for each in [(KEY, "acme", "ada"), (KEY, "acme", "bob"), (KEY, "zeta", "ada")]}
    assert len(variants | {pseudonym("another key", "acme", "ada")}) == 4


def test_a_user_s_name_cannot_be_shifted_into_the_tenant_s() -> None:
    assert pseudonym(KEY, "a", "bc") != pseudonym(KEY, "ab", "c")


def test_nobody_has_no_pseudonym() -> None:
    assert pseudonym(KEY, "acme", "") == ""


def test_any_text_is_a_user() -> None:
    assert pseudonym(KEY, "acme", "\ud800")
