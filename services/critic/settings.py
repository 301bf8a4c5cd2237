"""Settings of the critic."""

from pydantic import Field

from libs.runtime.settings import ModelSettings


class Settings(ModelSettings):
    """Who checks, and how long that may take."""

    judge_timeout_s: float = Field(
        900, gt=0, validation_alias="JUDGE_TIMEOUT", description="Seconds that one call of the judge may take"
    )
