"""Assembly of the embedder."""

from typing import TYPE_CHECKING, TypeAlias

from libs.adapters.models.embedding_server import EmbeddingServer
from libs.core.errors import ConfigurationError
from libs.embedded.choice import EMBEDDER
from libs.runtime.settings.inference_servers import parse_inference_servers
from services.gateway.settings import Settings

if TYPE_CHECKING:
    from libs.embedded.minilm import EmbeddedMiniLM

OpenEmbedder: TypeAlias = "EmbeddingServer | EmbeddedMiniLM"


def embedder_of(settings: Settings) -> "OpenEmbedder | None":
    """Build the embedder; None where none is configured.

    Raises ConfigurationError for an unknown node, EmbeddedStoreFailed where the embedded weights are not installed.
    """
    if not settings.embedding_model:
        return None
    if settings.embedding_model == str(EMBEDDER):
        from libs.embedded.minilm import EmbeddedMiniLM  # its libraries are installed for `moe up` only

        return EmbeddedMiniLM()
    model, _, node = settings.embedding_model.rpartition("@")
    for server in parse_inference_servers(settings.inference_servers):
        if server.name == node:
            return EmbeddingServer(server, model, settings.embedding_timeout_s)
    raise ConfigurationError(f"EMBEDDING_MODEL: INFERENCE_SERVERS has no node `{node}`")
