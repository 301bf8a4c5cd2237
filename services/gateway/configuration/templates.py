"""Settings of expert templates and Claude Code profiles."""

from pydantic import Field, field_validator

from libs.contracts.template_parsing import UnfitDocument, parsed_profiles
from libs.runtime.settings import ModelSettings
from services.gateway.domain.routing.claude_models import CLAUDE_CODE_MODELS


class TemplateSettings(ModelSettings):
    """A part of the gateway's settings."""

    claude_code_models: str = Field(
        CLAUDE_CODE_MODELS,
        validation_alias="CLAUDE_CODE_MODELS",
        description="Accepted model ids of Claude clients; a trailing `*` matches any suffix and is not listed",
    )
    tool_max_tokens: int = Field(
        8192,
        ge=0,
        validation_alias="TOOL_MAX_TOKENS",
        description="Maximum tokens of an answer to a request with tools if the profile sets none; 0: unlimited",
    )
    reasoning_max_tokens: int = Field(
        16384,
        ge=0,
        validation_alias="REASONING_MAX_TOKENS",
        description="Maximum tokens of an answer of the judge's model if the profile sets none; 0: unlimited",
    )
    claude_code_profiles: str = Field(
        "",
        validation_alias="CLAUDE_CODE_PROFILES",
        description="JSON array of profiles for every tenant, in addition to those of `moe profiles`",
    )

    @field_validator("claude_code_profiles")
    @classmethod
    def _are_profiles(cls, text: str) -> str:
        try:
            parsed_profiles(text)
        except UnfitDocument as error:
            raise ValueError(str(error)) from error
        return text
