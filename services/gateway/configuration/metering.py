"""The settings of budgets."""

from pydantic import Field

from libs.adapters.budgets.chunk import ChunkRules
from libs.runtime.settings import Settings as BaseSettings


class MeteringSettings(BaseSettings):
    """A part of the gateway's settings."""

    budget_chunk_tokens: int = Field(
        20_000,
        ge=1,
        validation_alias="MOE_BUDGET_CHUNK_TOKENS",
        description="Tokens of a budget that a gateway sets aside at once, at most, unless one request needs more",
    )
    budget_chunk_s: float = Field(
        60.0,
        ge=1,
        le=3600,
        validation_alias="MOE_BUDGET_CHUNK_SECONDS",
        description="Seconds for which a gateway may give what it has set aside to requests",
    )

    def chunk_rules(self, request_s: float) -> ChunkRules:
        """Return how budgets are set aside, where a request has ended after `request_s` seconds."""
        return ChunkRules(self.budget_chunk_tokens, self.budget_chunk_s, request_s)
