"""Passwords of database roles, as a service is given them."""

import pytest

from libs.core.database_roles import RENAMED_ROLES
from libs.core.errors import ConfigurationError
from libs.runtime.settings.role_passwords import RolePasswords


@pytest.mark.parametrize(("old", "current"), RENAMED_ROLES.items())
def test_a_renamed_role_names_its_successor_and_repeats_no_password(old: str, current: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        RolePasswords.read(f"moe_reader=one,{old}=another")
    assert str(caught.value).startswith(
        f"MOE_DATABASE_PASSWORDS: {old} was renamed: give {current} and its new password"
    )
    assert "another" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_list_with_an_unknown_role_is_rejected() -> None:
    with pytest.raises(ConfigurationError, match="is no list like"):
        RolePasswords.read("moe_gatekeeper=one")
