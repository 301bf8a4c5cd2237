"""Settings of a service that uses the database."""

from typing import ClassVar

from pydantic import Field, SecretStr

from libs.runtime.settings import Settings
from libs.runtime.settings.role_passwords import RolePasswords


class DatabaseSettings(Settings):
    """Address of the database, and the passwords of the service's roles."""

    database_roles: ClassVar[tuple[str, ...]] = ()

    postgres_url: SecretStr = Field(
        SecretStr(""),
        validation_alias="POSTGRES_CHECKPOINT_URL",
        description="Postgres, `postgresql://user:password@host:5432/database`; several hosts, poolers: reliability.md",
    )
    database_passwords: SecretStr = Field(
        SecretStr(""),
        validation_alias="MOE_DATABASE_PASSWORDS",
        description="Passwords of a service's database roles, `moe_authenticator=…,moe_budget_lease=…`, two per role "
        "during a rotation; printed by `moe secrets show --service NAME --env`",
    )

    @property
    def passwords(self) -> RolePasswords:
        """Passwords of this service's roles only, whichever others are set. Raises ConfigurationError."""
        return RolePasswords.read(self.database_passwords.get_secret_value()).only(self.database_roles)
