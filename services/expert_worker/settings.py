"""Settings of the expert-worker."""

from typing import ClassVar

from pydantic import Field

from libs.runtime.settings import ModelSettings


class Settings(ModelSettings):
    """Who answers, how long that may take, and where its tokens go."""

    shaped_by: ClassVar[tuple[str, ...]] = (*ModelSettings.shaped_by, "expert_timeout_s")

    redis_url: str = Field(
        validation_alias="REDIS_URL", pattern=r"^(rediss?|unix)://", description="Valkey, `redis://host:6379`"
    )
    expert_timeout_s: float = Field(
        900, gt=0, validation_alias="EXPERT_TIMEOUT", description="Seconds that one call of an expert may take"
    )
