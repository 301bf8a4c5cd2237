"""`Embedder` over an OpenAI-compatible `/v1/embeddings`."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

import aiohttp
import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from libs.adapters.models.openai_chat.http_client import (
    TRANSPORT_ERRORS,
    ClientLimits,
    model_http_client,
    reason,
    whole_reply,
)
from libs.contracts.staffing import ModelRef
from libs.core.json_values import is_object
from libs.core.outside_numbers import count_in
from libs.core.resource import Resource
from libs.ports.embeddings import Embedded, EmbedderUnavailable, EmbeddingLost, EmbeddingRefused
from libs.runtime.settings.inference_servers import InferenceServer

_TOLD_CHARACTERS = 200
MAX_REPLY_BYTES = 1 << 27  # 2,048 vectors of 3,072 numbers of 20 characters


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    class Vector(BaseModel):
        model_config = ConfigDict(allow_inf_nan=False)

        index: int
        embedding: tuple[float, ...]

    data: tuple[Vector, ...]
    usage: object = None


class EmbeddingServer(Resource):
    """A resource: enter it before use. `timeout_s` bounds a whole call."""

    def __init__(self, server: InferenceServer, model: str, timeout_s: float) -> None:
        self.ref = ModelRef(model=model, server=server.name)
        self._url = f"{server.url}/embeddings"
        self._headers = {"content-type": "application/json"}
        if server.token is not None:
            self._headers["authorization"] = f"Bearer {server.token.get_secret_value()}"
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=ClientLimits().connect_timeout_s)
        self._client: aiohttp.ClientSession | None = None

    async def _enter(self, stack: AsyncExitStack) -> None:
        self._client = model_http_client()
        stack.push_async_callback(self._client.close)

    async def embed(self, texts: Sequence[str], dimensions: int | None = None) -> Embedded:
        wanted = {} if dimensions is None else {"dimensions": dimensions}
        body = {"model": self.ref.model, "input": [*texts], "encoding_format": "float", **wanted}
        return read_embeddings(await self._posted(orjson.dumps(body)), len(texts), self.ref.server)

    async def _posted(self, body: bytes) -> bytes:
        if self._client is None:
            raise RuntimeError("enter the server before use")
        accepted = False
        try:
            async with self._client.post(
                self._url, data=body, headers=self._headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                accepted = response.status == 200
                read = await whole_reply(response, MAX_REPLY_BYTES)
        except (*TRANSPORT_ERRORS, TimeoutError) as error:
            failure = EmbeddingLost if accepted or _is_at_work(error) else EmbedderUnavailable
            raise failure(f"{self.ref.server} cannot be asked: {reason(error)}") from error
        if response.status == 200:
            return read
        if 400 <= response.status < 500 and response.status not in (408, 429):
            raise EmbeddingRefused(f"{self.ref.server} refused ({response.status}): {_error_message(read)}")
        raise EmbedderUnavailable(f"{self.ref.server} answered {response.status}")


def read_embeddings(body: bytes, count: int, server: str) -> Embedded:
    """Parse a reply that must hold `count` embeddings. Raises EmbeddingLost."""
    try:
        answer = _Answer.model_validate_json(body)
    except ValidationError as error:
        raise EmbeddingLost(f"{server} answered with no embeddings") from error
    return _in_order(answer, count, server)


def _in_order(answer: _Answer, count: int, server: str) -> Embedded:
    found = {each.index: each.embedding for each in answer.data}
    lengths = {len(vector) for vector in found.values()}
    if sorted(found) != list(range(count)) or len(answer.data) != count or len(lengths) != 1:
        raise EmbeddingLost(f"{server} answered with other embeddings than were asked for")
    tokens = count_in(answer.usage.get("prompt_tokens")) if is_object(answer.usage) else None
    return Embedded(tuple(found[index] for index in range(count)), tokens or None)


def _is_at_work(error: BaseException) -> bool:
    """True for a connected server that does not answer in time."""
    return isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ConnectionTimeoutError)


def _error_message(body: bytes) -> str:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "no reason given"
    error = value.get("error") if isinstance(value, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    return message[:_TOLD_CHARACTERS] if isinstance(message, str) else "no reason given"
