"""Settings of the expert-worker."""

from typing import ClassVar

from libs.runtime.settings import ExpertSettings, ModelSettings, ValkeySettings


class Settings(ExpertSettings, ValkeySettings, ModelSettings):
    """Who answers, how long that may take, and where its tokens go."""

    shaped_by: ClassVar[tuple[str, ...]] = (*ModelSettings.shaped_by, "expert_timeout_s")
