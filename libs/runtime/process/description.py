"""The description of a service, which replays use to identify code, settings and prompts."""

from collections.abc import Mapping

from libs.contracts.stage import StageDescribed
from libs.runtime.code_version import code_version
from libs.runtime.settings import Settings


def describe(stage: str, settings: Settings, prompts: Mapping[str, str] | None = None) -> StageDescribed:
    """Describe everything that shapes the messages of a stage: code, settings without secrets, and prompts."""
    return StageDescribed(
        stage=stage,
        code_version=code_version(),
        settings=settings.shaping(),
        prompts=dict(sorted((prompts or {}).items())),
    )
