"""Settings of direct requests."""

from collections.abc import Callable

from pydantic import Field

from libs.runtime.settings import ExpertSettings, JudgeSettings, ModelSettings
from services.gateway.direct.watchdog import CallTimeouts, DirectTimeouts
from services.gateway.domain.admission.shares import AdaptiveLimit, AdaptiveLimitConfig, Admission, Shares
from services.gateway.domain.body.chat import MOST_TOKENS
from services.gateway.domain.direct.upstream import DEFAULT_ANSWER_TOKENS, MOST_ANSWER_TOKENS


class DirectSettings(JudgeSettings, ExpertSettings, ModelSettings):
    """A part of the gateway's settings. Direct requests are disabled without INFERENCE_SERVERS."""

    max_direct_in_flight: int = Field(
        4096,
        ge=1,
        validation_alias="MOE_MAX_DIRECT_IN_FLIGHT",
        description="Maximum concurrent direct requests per gateway",
    )
    spool_bytes: int = Field(
        32 << 20,
        ge=1 << 16,
        validation_alias="MOE_OUTBOX_BYTES",
        description="Maximum size of each outbox (direct requests, cached answers), in bytes",
    )
    direct_max_tokens: int = Field(
        MOST_ANSWER_TOKENS,
        ge=1,
        le=MOST_TOKENS,
        validation_alias="MOE_DIRECT_MAX_TOKENS",
        description="Upper limit for the maximum tokens of a direct answer; larger values of clients are reduced to it",
    )
    direct_default_tokens: int = Field(
        DEFAULT_ANSWER_TOKENS,
        ge=1,
        le=MOST_TOKENS,
        validation_alias="MOE_DIRECT_DEFAULT_TOKENS",
        description="Default maximum tokens of a direct answer if the client sets none",
    )
    remote_media: bool = Field(
        False,
        validation_alias="MOE_REMOTE_MEDIA",
        description="Pass http(s) addresses of media to model servers, which fetch them from inside your network",
    )

    @property
    def direct_timeouts(self) -> DirectTimeouts:
        return DirectTimeouts(CallTimeouts(self.judge_timeout_s), CallTimeouts(self.expert_timeout_s))

    def direct_admission(self, alone: Callable[[], bool]) -> Admission:
        """Build the admission of direct requests, with a fixed limit. A single tenant may use all of it."""
        limit = AdaptiveLimit(AdaptiveLimitConfig(ceiling=self.max_direct_in_flight, target_ms=0))
        return Admission(limit, Shares(alone=alone))
