"""The settings of embeddings."""

from pydantic import Field

from libs.embedded.choice import EMBEDDER
from libs.runtime.settings import Settings as BaseSettings


class EmbeddingSettings(BaseSettings):
    """A part of the gateway's settings."""

    embedding_model: str = Field(
        "",
        pattern=r"^([^@\s]+@[^@\s]+)?$",
        validation_alias="EMBEDDING_MODEL",
        description="Model that embeds, `model@node` of `INFERENCE_SERVERS`, or the one that `moe up` brings along; "
        f"empty: no embeddings, with `moe up` {EMBEDDER}",
    )
    embedding_timeout_s: float = Field(
        60, gt=0, le=3600, validation_alias="EMBEDDING_TIMEOUT", description="Seconds for one call of it"
    )
