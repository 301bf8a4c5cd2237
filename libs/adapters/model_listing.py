"""Which models a server says it has: `GET /models`."""

from collections.abc import Sequence
from http import HTTPStatus

import httpx

from libs.adapters.inference_servers import InferenceServer
from libs.core.errors import Retryable

_TIMEOUT_S = 5.0


class ModelServerAway(Retryable):
    """The server does not answer, or not as one. `status` is that of an HTTP answer, None without one."""

    code = "model_server_away"

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


async def listed_models(server: InferenceServer) -> tuple[str, ...] | None:
    """Return the names a server lists, None if it has no such list. Raises ModelServerAway."""
    headers = {"authorization": f"Bearer {server.token.get_secret_value()}"} if server.token else {}
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client:
            response = await client.get(f"{server.url}/models", headers=headers)
    except httpx.HTTPError as error:
        raise ModelServerAway(f"no answer from {server.url}: {error or type(error).__name__}") from error
    if response.status_code == HTTPStatus.NOT_FOUND:
        return None
    if response.status_code != HTTPStatus.OK:
        raise ModelServerAway(f"{server.url} answers {response.status_code}", response.status_code)
    return _names(response)


def is_listed(model: str, listed: Sequence[str]) -> bool:
    """Return whether a server has a model. Ollama lists `name:latest` for what may be called `name`."""
    return model in listed or f"{model}:latest" in listed


def _names(response: httpx.Response) -> tuple[str, ...] | None:
    try:
        body: object = response.json()
    except ValueError as error:
        raise ModelServerAway(f"{response.url} does not answer with JSON", response.status_code) from error
    entries = body.get("data") if isinstance(body, dict) else None
    if not isinstance(entries, list):
        return None
    return tuple(str(entry["id"]) for entry in entries if isinstance(entry, dict) and "id" in entry)
