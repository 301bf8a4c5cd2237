"""Lists the models of a server: `GET /models`."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

import orjson

from libs.adapters.models.openai_chat.http_client import TRANSPORT_ERRORS, model_http_client, reason, whole_reply
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
    except TRANSPORT_ERRORS as error:  # TimeoutError is one
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
    headers = {"authorization": f"Bearer {server.token.get_secret_value()}"} if server.token else {}
    async with (
        model_http_client() as client,
        client.get(f"{server.url}/models", headers=headers, allow_redirects=False) as response,
    ):
        return response.status, await whole_reply(response, MAX_REPLY_BYTES)


def read_names(body: bytes) -> tuple[str, ...] | None:
    """Names of a listing; None for JSON of another shape. Raises ValueError."""
    listing: object = orjson.loads(body)
    entries = listing.get("data") if isinstance(listing, dict) else None
    if not isinstance(entries, list):
        return None
    names = (entry.get("id") for entry in entries if isinstance(entry, dict))
    return tuple(name for name in names if isinstance(name, str))
