"""Settings of the planner."""

from pydantic import Field

from libs.runtime.settings import ModelSettings


class Settings(ModelSettings):
    """Who plans, and how long that may take."""

    planner_timeout_s: float = Field(
        300, gt=0, validation_alias="PLANNER_TIMEOUT", description="Seconds that one call of the planner may take"
    )
