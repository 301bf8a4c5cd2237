"""Settings of the journal."""

from pydantic import Field, SecretStr

from libs.adapters.journal_cipher import JournalSecrets
from libs.runtime.settings import BusSettings


class Settings(BusSettings):
    """Where records are kept. The log's name and the signing key are those of the process's bus."""

    postgres_url: SecretStr = Field(
        SecretStr(""),
        validation_alias="POSTGRES_CHECKPOINT_URL",
        description="Postgres, `postgresql://user:password@host:5432/database`",
    )
    journal_key: SecretStr = Field(
        SecretStr(""),
        validation_alias="MOE_JOURNAL_KEY",
        description="Protects the journal's content; the same everywhere; empty: derived from MOE_SIGNING_KEY",
    )

    @property
    def secrets(self) -> JournalSecrets:
        """Return the keys that the journal is written and read with."""
        return JournalSecrets(self.signing_key.get_secret_value(), self.journal_key.get_secret_value())
