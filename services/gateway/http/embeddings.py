"""POST /v1/embeddings, and Ollama's /api/embed."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from libs.contracts.answer import Outcome
from libs.contracts.model_call import Usage
from libs.core.ids import new_response_id
from libs.ports.embeddings import Embedded, Embedder, EmbedderAway, EmbeddingRefused
from libs.ports.identity import Caller
from libs.ports.metering import Entry, Passage
from services.gateway.direct.line import DirectLine
from services.gateway.domain.body_room import BodyRoom
from services.gateway.domain.checked_body import checked
from services.gateway.domain.dialects.bodies import StrictBody
from services.gateway.domain.direct.record import DirectRecord
from services.gateway.domain.embeddings import (
    EmbeddingsBody,
    OllamaEmbedBody,
    check_model,
    embeddings_body,
    ollama_embeddings_body,
    texts_of,
    tokens_of,
)
from services.gateway.domain.errors import ApiError, RequestRefused, no_embedder, not_granted
from services.gateway.domain.json_body import json_object, read_json
from services.gateway.domain.token_estimate import text_tokens
from services.gateway.domain.trace import trace_of
from services.gateway.http.answers import identify, json_response
from services.gateway.http.body import BodyLimits, read_body
from services.gateway.http.front import Front
from services.gateway.http.metered import entered

B = TypeVar("B", bound=StrictBody)


class Embeddings:
    """The endpoints, around one front."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._limits = BodyLimits(front.rules.body_bytes, front.rules.body_timeout_s)
        self._room = BodyRoom(front.rules.body_room_bytes)

    async def openai(self, request: Request) -> Response:
        """Embed one text or several, for OpenAI's clients."""
        body = await self._read(request, EmbeddingsBody)
        call = self._call(request, body.model, texts_of(body.input))
        embedded = await call.embed(body.dimensions)
        told = embeddings_body(body.model, embedded, call.tokens, base64=body.encoding_format == "base64")
        return identify(json_response(told), call.response_id)

    async def ollama(self, request: Request) -> Response:
        """Embed one text or several, for Ollama's clients."""
        body = await self._read(request, OllamaEmbedBody)
        call = self._call(request, body.model, texts_of(body.input))
        embedded = await call.embed(body.dimensions)
        told = ollama_embeddings_body(body.model, embedded, call.tokens)
        return identify(json_response(told), call.response_id)

    async def _read(self, request: Request, kind: type[B]) -> B:
        with self._room.share() as share:
            body = await read_body(request.headers, request.receive, self._limits, share)
        return checked(kind, json_object(read_json(body)))

    def _call(self, request: Request, model: str, texts: Sequence[str]) -> "_Call":
        embedder, line, caller = self._front.embedder, self._front.direct, request.scope["caller"]
        if embedder is None or line is None:
            raise no_embedder()
        check_model(model, embedder.ref)
        place = f"{embedder.ref.model}@{embedder.ref.server}"
        if not caller.grants.allow("model_endpoint", place):
            raise not_granted("model_endpoint", place)
        return _Call(self._front, (embedder, line), request, texts)


class _Call:
    """One call of the embedder, from the limits to its record."""

    def __init__(self, front: Front, way: tuple[Embedder, DirectLine], request: Request, texts: Sequence[str]) -> None:
        self._front = front
        self._embedder, self._line = way
        self._caller: Caller = request.scope["caller"]
        self._trace = trace_of(request.headers.get("traceparent", ""))
        self._texts = texts
        self._since = front.clock.monotonic()
        self.started_at = front.clock.now()
        self.response_id = new_response_id(front.reply_partition, self.started_at)
        self.tokens = 0
        self._counted = True

    async def embed(self, dimensions: int | None) -> Embedded:
        """Return the vectors. Raises RequestRefused: 400, 429, 502 or 503."""
        ref, estimate = self._embedder.ref, sum(map(text_tokens, self._texts))
        with self._line.desk.place(self._caller.tenant):
            entry = Entry(self._caller, self.response_id, estimate, f"{ref.model}@{ref.server}")
            passage = await entered(self._front.metering, entry, "chat", self.started_at)
            outcome: Outcome = "cancelled"
            try:
                embedded = await self._asked(dimensions)
                self.tokens, self._counted = tokens_of(embedded, self._texts), embedded.tokens is not None
                outcome = "answered"
            except RequestRefused:
                outcome = "failed"
                raise
            finally:
                self._record(passage, outcome)
                passage.settle(Usage(prompt_tokens=self.tokens))
        return embedded

    async def _asked(self, dimensions: int | None) -> Embedded:
        try:
            return await self._embedder.embed(self._texts, dimensions)
        except EmbeddingRefused as error:
            raise RequestRefused(ApiError(400, error.code, str(error), "input")) from error
        except EmbedderAway as error:
            raise RequestRefused(ApiError(503, error.code, str(error), retry_after_s=2)) from error

    def _record(self, passage: Passage, outcome: Outcome) -> None:
        """What was embedded is no question and no answer: only its hash is kept."""
        account, ref, front = passage.account, self._embedder.ref, self._front
        self._line.books.write(
            DirectRecord(
                response_id=self.response_id,
                tenant=self._caller.tenant,
                subject=front.subject_of(self._caller, ""),
                trace=self._trace,
                key_id=account.key_id,
                user=account.user,
                team=account.team,
                reserved=account.reserved,
                chunks=account.chunks,
                asked=f"{ref.model}@{ref.server}",
                why="embeddings",
                input="",
                answer="",
                outcome=outcome,
                started_at=self.started_at,
                ended_at=front.clock.now(),
                model=ref.model,
                server=ref.server,
                prompt_sha256=hashlib.sha256("\0".join(self._texts).encode()).hexdigest(),
                prompt_tokens=self.tokens,
                completion_tokens=0,
                estimated=not self._counted,
                duration_ms=round((front.clock.monotonic() - self._since) * 1000),
                finish="stop" if outcome == "answered" else outcome,
            )
        )
