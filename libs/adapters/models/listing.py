"""Lists the models of a server: `GET /models`."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

import orjson

from libs.adapters.models.openai_chat.http_client import reason, request_headers
from libs.adapters.web.http_wire import Broken, Pool, PoolLimits
from libs.core.errors import Retryable
from libs.runtime.settings.inference_servers import InferenceServer

_TIMEOUT_S = 5.0
MAX_REPLY_BYTES = 1 << 24  # large catalogues have 0.5 MB


class ModelServerUnavailable(Retryable):
    """The server does not answer, or answers with an error or invalid JSON.

    `status` is the HTTP status, None without one.
    """

    code = "model_server_away"

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


async def listed_models(server: InferenceServer) -> tuple[str, ...] | None:
    """Names that the server lists; None if it has no such list. Raises ModelServerUnavailable."""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            status, body = await _request(server)
    except (Broken, OSError) as error:  # TimeoutError is an OSError
        raise ModelServerUnavailable(f"no answer from {server.url}: {reason(error)}") from error
    if status == HTTPStatus.NOT_FOUND:
        return None
    if status != HTTPStatus.OK:
        raise ModelServerUnavailable(f"{server.url} answers {status}", status)
    try:
        return read_names(body)
    except ValueError as error:
        raise ModelServerUnavailable(f"{server.url} does not answer with JSON", status) from error


def is_listed(model: str, listed: Sequence[str]) -> bool:
    """Ollama lists `name:latest` for a model that requests may call `name`."""
    return model in listed or f"{model}:latest" in listed


async def _request(server: InferenceServer) -> tuple[int, bytes]:
    async with Pool(f"{server.url}/models", PoolLimits()) as pool:
        connection = await pool.get(request_headers(server))
        try:
            return connection.status, await connection.read_all(MAX_REPLY_BYTES)
        finally:
            pool.give_back(connection)


def read_names(body: bytes) -> tuple[str, ...] | None:
    """Names of a listing; None for JSON of another shape. Raises ValueError."""
    listing: object = orjson.loads(body)
    entries = listing.get("data") if isinstance(listing, dict) else None
    if not isinstance(entries, list):
        return None
    names = (entry.get("id") for entry in entries if isinstance(entry, dict))
    return tuple(name for name in names if isinstance(name, str))
