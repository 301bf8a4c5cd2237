"""Settings of the HTTP policies: CORS, feedback, answer cache."""

from pydantic import Field

from libs.http.cross_origin import CrossOrigin
from libs.runtime.settings import Settings as BaseSettings
from services.gateway.domain.body.feedback import FeedbackPolicy
from services.gateway.domain.routing.answer_cache import AnswerCachePolicy


class HttpPolicySettings(BaseSettings):
    """A part of the gateway's settings."""

    cors_allowed_origins: str = Field(
        "",
        pattern=r"^(\*|https?://[^\s,/]+(\s*,\s*https?://[^\s,/]+)*)?$",
        validation_alias="CORS_ALLOWED_ORIGINS",
        description="Origins allowed by CORS, `https://chat.example.org,…`, `*` for all; empty: none",
    )
    cors_max_age_s: int = Field(
        600, ge=0, le=86_400, validation_alias="CORS_MAX_AGE", description="CORS preflight cache lifetime (s)"
    )
    positive_from: int = Field(
        4,
        ge=1,
        le=5,
        validation_alias="FEEDBACK_POSITIVE_THRESHOLD",
        description="Lowest rating that counts as positive feedback",
    )
    negative_to: int = Field(
        2,
        ge=0,
        le=4,
        validation_alias="FEEDBACK_NEGATIVE_THRESHOLD",
        description="Highest rating that counts as negative feedback",
    )

    known_for_s: int = Field(
        1800,
        ge=0,
        le=86_400,
        validation_alias="MOE_ANSWER_CACHE_SECONDS",
        description="Lifetime of cached answers (s); 0 disables the answer cache",
    )
    known_min_chars: int = Field(
        50,
        ge=0,
        validation_alias="MOE_ANSWER_CACHE_MIN_CHARS",
        description="Minimum length of cached answers, in characters",
    )

    @property
    def answer_cache_policy(self) -> AnswerCachePolicy:
        return AnswerCachePolicy(self.known_for_s, self.known_min_chars)

    @property
    def cross_origin(self) -> CrossOrigin:
        origins = (origin.strip() for origin in self.cors_allowed_origins.split(","))
        return CrossOrigin(tuple(filter(None, origins)), self.cors_max_age_s)

    @property
    def feedback_policy(self) -> FeedbackPolicy:
        return FeedbackPolicy(self.positive_from, self.negative_to)
