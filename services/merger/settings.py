"""Settings of the merger."""

from typing import ClassVar

from pydantic import Field

from libs.runtime.settings import JudgeSettings, ModelSettings, ValkeySettings


class Settings(JudgeSettings, ValkeySettings, ModelSettings):
    """Settings of the judge, its prompt, and the stream of the answer."""

    shaped_by: ClassVar[tuple[str, ...]] = (
        *ModelSettings.shaped_by,
        "judge_timeout_s",
        "max_expert_output_chars",
        "cache_min_response_len",
    )

    max_expert_output_chars: int = Field(
        2400,
        gt=0,
        validation_alias="MAX_EXPERT_OUTPUT_CHARS",
        description="Maximum characters of each result in the judge's prompt",
    )
    cache_min_response_len: int = Field(
        150,
        ge=0,
        validation_alias="CACHE_MIN_RESPONSE_LEN",
        description="Minimum length of answers that are offered as knowledge, in characters",
    )
