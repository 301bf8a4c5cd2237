"""Settings of the critic."""

from typing import ClassVar

from libs.runtime.settings import JudgeSettings, ModelSettings


class Settings(JudgeSettings, ModelSettings):
    """Settings of the judge's model and its timeout."""

    shaped_by: ClassVar[tuple[str, ...]] = (*ModelSettings.shaped_by, "judge_timeout_s")
