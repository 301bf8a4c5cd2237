"""Settings of the expert-worker."""

from typing import ClassVar

from libs.runtime.settings import ExpertSettings, ModelSettings, ValkeySettings


class Settings(ExpertSettings, ValkeySettings, ModelSettings):
    """Settings of the expert models, their timeout, and the stream of the answer."""

    shaped_by: ClassVar[tuple[str, ...]] = (*ModelSettings.shaped_by, "expert_timeout_s")
