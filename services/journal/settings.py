"""Settings of the journal."""

from pydantic import Field, SecretStr

from libs.runtime.settings import BusSettings


class Settings(BusSettings):
    """Where records are kept. The log's name and the signing key are those of the process's bus."""

    postgres_url: SecretStr = Field(
        SecretStr(""),
        validation_alias="POSTGRES_CHECKPOINT_URL",
        description="Postgres, `postgresql://user:password@host:5432/database`",
    )
