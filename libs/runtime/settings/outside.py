"""The settings of Valkey, and of the clients' first key."""

from pydantic import Field, SecretStr

from libs.runtime.settings.base import Settings


class ValkeySettings(Settings):
    """Where Valkey is."""

    redis_url: str = Field(
        validation_alias="REDIS_URL", pattern=r"^(rediss?|unix)://", description="Valkey, `redis://host:6379`"
    )


class BootstrapSettings(Settings):
    """The key that opens before there is any other."""

    bootstrap_api_key: SecretStr = Field(
        min_length=8,
        validation_alias="MOE_BOOTSTRAP_API_KEY",
        description="The first API key; empty: made and kept in the data dir",
    )
