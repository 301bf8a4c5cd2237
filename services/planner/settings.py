"""Settings of the planner."""

from typing import ClassVar

from pydantic import Field

from libs.runtime.settings import ModelSettings


class Settings(ModelSettings):
    """Who plans, and how long that may take."""

    shaped_by: ClassVar[tuple[str, ...]] = (*ModelSettings.shaped_by, "planner_timeout_s")

    planner_timeout_s: float = Field(
        300, gt=0, validation_alias="PLANNER_TIMEOUT", description="Seconds that one call of the planner may take"
    )
