"""Settings of the critic."""

from typing import ClassVar

from pydantic import Field

from libs.runtime.settings import ModelSettings


class Settings(ModelSettings):
    """Who checks, and how long that may take."""

    shaped_by: ClassVar[tuple[str, ...]] = (*ModelSettings.shaped_by, "judge_timeout_s")

    judge_timeout_s: float = Field(
        900, gt=0, validation_alias="JUDGE_TIMEOUT", description="Seconds that one call of the judge may take"
    )
