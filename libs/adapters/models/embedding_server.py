"""`Embedder` over an OpenAI-compatible `/v1/embeddings`."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from libs.adapters.models.openai_chat.http_client import reason, request_headers
from libs.adapters.web.http_wire import Broken, Pool, PoolLimits
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
        self._headers = request_headers(server)
        self._timeout_s = timeout_s
        self._pool = Pool(f"{server.url}/embeddings", PoolLimits())

    async def _enter(self, stack: AsyncExitStack) -> None:
        await stack.enter_async_context(self._pool)

    async def embed(self, texts: Sequence[str], dimensions: int | None = None) -> Embedded:
        wanted = {} if dimensions is None else {"dimensions": dimensions}
        body = {"model": self.ref.model, "input": [*texts], "encoding_format": "float", **wanted}
        return read_embeddings(await self._posted(orjson.dumps(body)), len(texts), self.ref.server)

    async def _posted(self, body: bytes) -> bytes:
        status = 0
        try:
            async with asyncio.timeout(self._timeout_s):
                connection = await self._pool.post(self._headers, body)
                status = connection.status
                try:
                    read = await connection.read_all(MAX_REPLY_BYTES)
                finally:
                    self._pool.give_back(connection)
        except (Broken, OSError) as error:
            # A server that has accepted the request and does not answer in time is at work.
            failure = EmbeddingLost if status == 200 or isinstance(error, TimeoutError) else EmbedderUnavailable
            raise failure(f"{self.ref.server} cannot be asked: {reason(error)}") from error
        if status == 200:
            return read
        if 400 <= status < 500 and status not in (408, 429):
            raise EmbeddingRefused(f"{self.ref.server} refused ({status}): {_error_message(read)}")
        raise EmbedderUnavailable(f"{self.ref.server} answered {status}")


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


def _error_message(body: bytes) -> str:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "no reason given"
    error = value.get("error") if isinstance(value, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    return message[:_TOLD_CHARACTERS] if isinstance(message, str) else "no reason given"
