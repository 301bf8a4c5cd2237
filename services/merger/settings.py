"""Settings of the merger."""

from typing import ClassVar

from pydantic import Field

from libs.runtime.settings import ModelSettings


class Settings(ModelSettings):
    """Who judges, how much it reads, and where its tokens go."""

    shaped_by: ClassVar[tuple[str, ...]] = (
        *ModelSettings.shaped_by,
        "judge_timeout_s",
        "max_expert_output_chars",
        "cache_min_response_len",
    )

    redis_url: str = Field(
        validation_alias="REDIS_URL", pattern=r"^(rediss?|unix)://", description="Valkey, `redis://host:6379`"
    )
    judge_timeout_s: float = Field(
        900, gt=0, validation_alias="JUDGE_TIMEOUT", description="Seconds that one call of the judge may take"
    )
    max_expert_output_chars: int = Field(
        2400,
        gt=0,
        validation_alias="MAX_EXPERT_OUTPUT_CHARS",
        description="Characters of each result that a judge reads",
    )
    cache_min_response_len: int = Field(
        150,
        ge=0,
        validation_alias="CACHE_MIN_RESPONSE_LEN",
        description="Answers of more characters are offered as knowledge",
    )
