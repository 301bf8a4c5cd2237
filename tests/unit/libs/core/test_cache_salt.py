"""Salts keep the prompts of tenants apart."""

from libs.core.cache_salt import cache_salt


def test_each_tenant_has_a_salt_of_its_own_that_stays_the_same() -> None:
    salts = [cache_salt(key, tenant) for key in ("k", "l") for tenant in ("acme", "acm", "")]
    assert len({*salts}) == 6
    assert cache_salt("k", "acme") == salts[0]
    assert all(len(salt) == 64 for salt in salts)
