"""Settings of embeddings."""

from pydantic import Field

from libs.embedded.choice import EMBEDDER
from libs.runtime.settings import Settings as BaseSettings


class EmbeddingSettings(BaseSettings):
    """A part of the gateway's settings."""

    embedding_model: str = Field(
        "",
        pattern=r"^([^@\s]+@[^@\s]+)?$",
        validation_alias="EMBEDDING_MODEL",
        description="Embedding model, `model@node` from `INFERENCE_SERVERS`; empty: none, with `moe up` "
        f"the embedded {EMBEDDER}",
    )
    embedding_timeout_s: float = Field(
        60, gt=0, le=3600, validation_alias="EMBEDDING_TIMEOUT", description="Timeout of an embedding call (s)"
    )
