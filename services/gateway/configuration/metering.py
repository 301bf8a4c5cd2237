"""Settings of budgets."""

from pydantic import Field

from libs.runtime.settings import Settings as BaseSettings


class QuotaSettings(BaseSettings):
    """A part of the gateway's settings."""

    budget_lease_tokens: int = Field(
        20_000,
        ge=1,
        validation_alias="MOE_BUDGET_LEASE_TOKENS",
        description="Maximum tokens of a budget lease, unless a single request needs more",
    )
    budget_lease_s: float = Field(
        60.0,
        ge=1,
        le=3600,
        validation_alias="MOE_BUDGET_LEASE_SECONDS",
        description="Lifetime of a budget lease (s)",
    )
