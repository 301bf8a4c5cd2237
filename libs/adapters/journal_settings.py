"""The settings of who reads or writes the journal's database."""

from pydantic import Field, SecretStr

from libs.adapters.journal_cipher import JournalSecrets
from libs.runtime.settings import LogSettings
from libs.runtime.settings.keys import RootKey


class DatabaseSettings(LogSettings):
    """Where the database is. The passwords of the roles in it are derived from the signing key."""

    postgres_url: SecretStr = Field(
        SecretStr(""),
        validation_alias="POSTGRES_CHECKPOINT_URL",
        description="Postgres, `postgresql://user:password@host:5432/database`",
    )


class JournalSettings(DatabaseSettings):
    """Where the journal is, and the keys of what is in it."""

    journal_key: RootKey = Field(
        SecretStr(""),
        validation_alias="MOE_JOURNAL_KEY",
        description="Protects the journal's content; the same everywhere; empty: derived from MOE_SIGNING_KEY",
    )

    @property
    def secrets(self) -> JournalSecrets:
        """Return the keys that the journal is written and read with."""
        return JournalSecrets(self.signing_key.get_secret_value(), self.journal_key.get_secret_value())
