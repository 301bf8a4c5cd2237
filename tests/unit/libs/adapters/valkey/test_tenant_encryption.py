"""No tenant can find, read or move another tenant's entries."""

from libs.adapters.valkey.tenant_encryption import TenantEncryption

SEAL = TenantEncryption("a signing key of tests")


def test_a_name_depends_on_tenant_kind_and_content() -> None:
    names = {SEAL.name(tenant, kind, what) for tenant in ("a", "b") for kind in ("x", "y") for what in (b"1", b"2")}
    assert len(names) == 8
    assert SEAL.name("a", "x", b"1") in names
    assert TenantEncryption("another key").name("a", "x", b"1") not in names


def test_only_its_tenant_opens_a_value_and_only_under_its_name() -> None:
    sealed = SEAL.encrypt("a", "n", b"an answer")
    assert b"answer" not in sealed
    assert SEAL.decrypt("a", "n", sealed) == b"an answer"
    for tenant, name, value in (
        ("b", "n", sealed),
        ("a", "m", sealed),
        ("a", "n", sealed[:-1] + b"x"),
        ("a", "n", b""),
    ):
        assert SEAL.decrypt(tenant, name, value) is None


def test_the_same_value_is_sealed_differently_each_time() -> None:
    assert SEAL.encrypt("a", "n", b"x") != SEAL.encrypt("a", "n", b"x")
