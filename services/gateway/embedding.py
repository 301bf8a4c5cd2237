"""The embedder of one instance, as its settings have it."""

from libs.adapters.embedding_server import EmbeddingServer
from libs.adapters.inference_servers import parse_inference_servers
from libs.core.errors import ConfigurationError
from services.gateway.settings import Settings


def embedder_of(settings: Settings) -> EmbeddingServer | None:
    """Return the embedder; None where none is configured. Raises ConfigurationError for an unknown node."""
    if not settings.embedding_model:
        return None
    model, _, node = settings.embedding_model.rpartition("@")
    for server in parse_inference_servers(settings.inference_servers):
        if server.name == node:
            return EmbeddingServer(server, model, settings.embedding_timeout_s)
    raise ConfigurationError(f"EMBEDDING_MODEL: INFERENCE_SERVERS has no node `{node}`")
