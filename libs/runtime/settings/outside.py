"""Settings of Valkey, and of the first API key."""

from pydantic import Field

from libs.runtime.settings.base import Settings
from libs.runtime.settings.keys import ChosenApiKey


class ValkeySettings(Settings):
    """The address of Valkey."""

    redis_url: str = Field(
        validation_alias="REDIS_URL", pattern=r"^(rediss?|unix)://", description="Valkey, `redis://host:6379`"
    )


class BootstrapSettings(Settings):
    """The API key that is valid before any other exists."""

    bootstrap_api_key: ChosenApiKey = Field(
        validation_alias="MOE_BOOTSTRAP_API_KEY",
        description="Bootstrap API key of an admin; empty: generated and stored in the data directory",
    )
