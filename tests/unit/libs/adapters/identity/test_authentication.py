"""Operator settings of authentication."""

import pytest

from libs.adapters.identity.authentication import Authentication, authentication_of
from libs.adapters.identity.oidc_admins import OidcAdmins
from libs.adapters.identity.postgres_directory import PostgresDirectory
from libs.core.errors import ConfigurationError
from libs.runtime.settings.static_keys import StaticKeys, owner_of
from libs.testing.keys import API_KEY
from services.gateway.settings import Settings

KEY = API_KEY
ISSUER = {"OIDC_ISSUER": "https://issuer.example.org", "OIDC_AUDIENCE": "sovereign-fleet"}
POSTGRES = {"POSTGRES_CHECKPOINT_URL": "postgresql://127.0.0.1:5432/moe"}


def opened_authentication(**given: str) -> Authentication:
    return authentication_of(
        Settings.model_validate({"REDIS_URL": "redis://127.0.0.1:1", "MOE_BOOTSTRAP_API_KEY": KEY, **given})
    )


def test_without_a_database_the_bootstrap_key_alone_opens() -> None:
    opened = opened_authentication()
    assert opened.keys.authenticate(KEY) == owner_of("default")
    assert isinstance(opened.keys, StaticKeys)
    assert opened.checks == ()
    assert opened.resources == ()


def test_with_a_database_the_directory_is_asked_and_looked_after() -> None:
    opened = opened_authentication(**POSTGRES)
    assert isinstance(opened.keys, PostgresDirectory)
    assert opened.keys.authenticate(KEY) == owner_of("default")
    assert opened.resources == (opened.keys.watch,)
    assert opened.checks == (opened.keys.watch,)


def test_with_an_issuer_its_tokens_are_read_and_other_keys_open_as_before() -> None:
    opened = opened_authentication(**POSTGRES, **ISSUER)
    assert isinstance(opened.keys, OidcAdmins)
    assert opened.keys.authenticate(KEY) == owner_of("default")
    assert [check.name for check in opened.checks] == ["directory", "openid issuer"]


def test_an_issuer_without_an_audience_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match="OIDC_AUDIENCE"):
        opened_authentication(OIDC_ISSUER=ISSUER["OIDC_ISSUER"])


@pytest.mark.parametrize(
    "key", ["schlüssel-1", " a-key-with-blanks ", "a-key\nof-two-lines", "too-short", "the-first-key-of-your-users"]
)
def test_a_key_that_no_header_carries_stops_the_start_and_is_not_repeated(key: str) -> None:
    with pytest.raises(ConfigurationError, match="MOE_BOOTSTRAP_API_KEY") as caught:
        Settings.read({"REDIS_URL": "redis://127.0.0.1:1", "MOE_BOOTSTRAP_API_KEY": key})
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MOE_KEY_CACHE_MAX_STALENESS", "1"),
        ("OIDC_ISSUER", "issuer.example.org"),
        ("OIDC_ISSUER", "http://issuer.example.org"),
        ("OIDC_ISSUER", "http://localhost.example.org"),
        ("OIDC_ADMIN_GROUP", ""),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    with pytest.raises(ConfigurationError, match=name) as caught:
        Settings.read({"MOE_BOOTSTRAP_API_KEY": KEY, name: value})
    assert "\n" not in str(caught.value)


def test_keys_of_one_tenant_need_no_share_for_others() -> None:
    assert opened_authentication().one_tenant()
    assert opened_authentication(**POSTGRES).one_tenant()
