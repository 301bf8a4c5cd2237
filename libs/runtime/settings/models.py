"""Settings of models."""

from typing import ClassVar

import orjson
from pydantic import Field

from libs.runtime.settings.base import Settings
from libs.runtime.settings.bus import LogSettings

_PUBLIC_OF_A_SERVER = ("name", "url", "api_type", "small", "enabled")


class ModelSettings(LogSettings):
    """The models of the stages. One server and JUDGE_MODEL are enough: the others fall back to them."""

    shaped_by: ClassVar[tuple[str, ...]] = (
        "inference_servers",
        "judge_model",
        "judge_endpoint",
        "planner_model",
        "planner_endpoint",
        "expert_models",
        "tier_boundary_b",
    )

    inference_servers: str = Field(
        "",
        validation_alias="INFERENCE_SERVERS",
        description='JSON list, for example `[{"name":"local","url":"http://127.0.0.1:11434/v1","api_type":"openai"}]`',
    )
    judge_model: str = Field("", validation_alias="JUDGE_MODEL", description="Model of merger and critic")
    judge_endpoint: str = Field(
        "", validation_alias="JUDGE_ENDPOINT", description="Server of the judge; empty: the first one"
    )
    planner_model: str = Field(
        "", validation_alias="PLANNER_MODEL", description="Model of the planner; empty: JUDGE_MODEL"
    )
    planner_endpoint: str = Field(
        "", validation_alias="PLANNER_ENDPOINT", description="Server of the planner; empty: the judge's"
    )
    expert_models: str = Field(
        "",
        validation_alias="EXPERT_MODELS",
        description='JSON object, category to models: `{"math":[{"model":"phi4:14b","endpoint":"local"}]}`',
    )
    tier_boundary_b: float = Field(
        20,
        gt=0,
        validation_alias="EXPERT_TIER_BOUNDARY_B",
        description="Tier 1 limit, billion parameters",
    )

    max_concurrent_commands: int = Field(
        64,
        ge=1,
        le=4096,
        validation_alias="MOE_MAX_CONCURRENT_COMMANDS",
        description="Maximum concurrent commands of one kind per process; set it to the slots of the model servers, "
        "whose queues are not measured",
    )

    @property
    def salt_key(self) -> str:
        """The root of the salts that separate the prompts of tenants in the caches of model servers."""
        return self.signing_key.get_secret_value()

    def shaping(self) -> dict[str, str]:
        """Model servers appear without their tokens."""
        return super().shaping() | {"INFERENCE_SERVERS": _without_tokens(self.inference_servers)}


def _without_tokens(servers: str) -> str:
    entries = orjson.loads(servers) if servers.strip() else []
    public = [{name: entry[name] for name in _PUBLIC_OF_A_SERVER if name in entry} for entry in entries]
    return orjson.dumps(public).decode()


class JudgeSettings(Settings):
    """Timeouts of a judge."""

    judge_timeout_s: float = Field(
        900, gt=0, validation_alias="JUDGE_TIMEOUT", description="Timeout of a judge's model call (s)"
    )


class ExpertSettings(Settings):
    """Timeouts of an expert."""

    expert_timeout_s: float = Field(
        900, gt=0, validation_alias="EXPERT_TIMEOUT", description="Timeout of an expert's model call (s)"
    )
