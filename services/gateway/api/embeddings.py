"""POST /v1/embeddings, and Ollama's /api/embed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from libs.contracts.account import Account
from libs.contracts.answer import Outcome
from libs.contracts.model_call import Usage
from libs.core.ids import new_response_id
from libs.core.tenancy import tenant_scope
from libs.core.token_counts import tokens_of
from libs.http.body import BodyLimits, read_json_body
from libs.http.context import caller_in, trace_of
from libs.http.disconnecting import until_disconnected
from libs.http.responses import identify, json_response
from libs.ports.embeddings import Embedded, Embedder, EmbedderUnavailable, EmbeddingLost, EmbeddingRefused
from libs.ports.quota import QuotaRequest
from services.gateway.api.token_counts import LARGE_BYTES
from services.gateway.dialects.embeddings import (
    EmbeddingsBody,
    OllamaEmbedBody,
    Texts,
    check_model,
    embeddings_body,
    measured,
    ollama_embeddings_body,
    texts_of,
    tokens_in,
)
from services.gateway.direct.context import DirectContext, ModelOutput, Requester
from services.gateway.direct.proxy import DirectProxy
from services.gateway.domain.body.json import BodyMemoryLimit, checked, json_object, read_json
from services.gateway.domain.direct.spent import Spent
from services.gateway.domain.errors import ApiError, RequestRefused, embeddings_not_configured, not_granted
from services.gateway.domain.question.identity import client_users, subject_of
from services.gateway.pipeline.app_context import AppContext
from services.gateway.pipeline.quota import reserve_quota

B = TypeVar("B", EmbeddingsBody, OllamaEmbedBody)
Way: TypeAlias = tuple[Embedder, DirectProxy]
CLIENT_CLOSED = 499  # no client reads it; access logs use it


class Embeddings:
    """The endpoints. A request acquires its slot before its body is read."""

    def __init__(self, front: AppContext) -> None:
        self._front = front
        self._limits = BodyLimits(front.limits.body_bytes, front.limits.body_timeout_s)
        self._body_memory = BodyMemoryLimit(front.limits.body_memory_bytes)

    async def openai(self, request: Request) -> Response:
        """One text or several, in OpenAI's format."""
        with self._placed(request) as way, suppress(ClientDisconnect):
            parsed = await self._read(request, EmbeddingsBody)
            body, call = parsed.body, self._call(request, way, parsed)
            embedded = await call.embed(body.dimensions)
            reply = embeddings_body(body.model, embedded, call.tokens, base64=body.encoding_format == "base64")
            return identify(json_response(reply), call.response_id)
        return Response(status_code=CLIENT_CLOSED)

    async def ollama(self, request: Request) -> Response:
        """One text or several, in Ollama's format."""
        with self._placed(request) as way, suppress(ClientDisconnect):
            parsed = await self._read(request, OllamaEmbedBody)
            body, call = parsed.body, self._call(request, way, parsed)
            embedded = await call.embed(body.dimensions)
            return identify(json_response(ollama_embeddings_body(body.model, embedded, call.tokens)), call.response_id)
        return Response(status_code=CLIENT_CLOSED)

    @contextmanager
    def _placed(self, request: Request) -> Iterator[Way]:
        """Hold a slot for direct requests while the block runs. Raises RequestRefused (403, 429, 503)."""
        embedder, line = self._front.embedder, self._front.direct
        if embedder is None or line is None:
            raise embeddings_not_configured()
        caller = caller_in(request.scope)
        if not caller.grants.allow("model_endpoint", str(embedder.ref)):
            raise not_granted("model_endpoint", str(embedder.ref))
        with line.admission.slot(caller.tenant):
            yield embedder, line

    async def _read(self, request: Request, kind: type[B]) -> "_Parsed[B]":
        with self._body_memory.share() as share:
            raw = await read_json_body(request.headers, request.receive, self._limits, share.grow)
            large = len(raw) > LARGE_BYTES
            value = await asyncio.to_thread(read_json, raw) if large else read_json(raw)
            subject = subject_of(
                self._front.pseudonym_keys, caller_in(request.scope), client_users(value, request.headers)
            )
            understood = await asyncio.to_thread(_understood, kind, value) if large else _understood(kind, value)
            return _Parsed(*understood, subject)

    def _call(self, request: Request, way: Way, parsed: "_Parsed[B]") -> "_Call":
        check_model(parsed.body.model, way[0].ref)
        return _Call(self._front, way, request, parsed.texts, parsed.subject)


@dataclass(frozen=True, slots=True)
class _Parsed(Generic[B]):
    """A body, its texts, and the pseudonym of its person."""

    body: B
    texts: Texts
    subject: str


def _understood(kind: type[B], value: object) -> tuple[B, Texts]:
    """Raises RequestRefused (400)."""
    body = checked(kind, json_object(value))
    return body, measured(texts_of(body.input))


class _Call:
    """One call of the embedder, from its quota to its record."""

    def __init__(self, front: AppContext, way: Way, request: Request, texts: Texts, subject: str) -> None:
        self._front = front
        self._embedder, self._line = way
        self._ref = self._embedder.ref
        self._caller = caller_in(request.scope)
        self._subject = subject
        self._receive = request.receive
        self._trace = trace_of(request.headers.get("traceparent", ""))
        self._texts = texts
        self.response_id = new_response_id(front.reply_partition, front.clock.now())
        self.tokens = 0

    async def embed(self, dimensions: int | None) -> Embedded:
        """Raises RequestRefused: 400, 429, 502 or 503, and ClientDisconnect."""
        entry = QuotaRequest(self._caller, self.response_id, max(1, tokens_of(self._texts.characters)), str(self._ref))
        passage = await reserve_quota(self._front.quota, entry, "chat", self._front.clock.now())
        case, output = self._case(passage.account), ModelOutput()
        outcome: Outcome = "cancelled"
        try:
            embedded = await until_disconnected(self._receive, self._request(case, dimensions))
            outcome, output = "answered", await self._recorded_output(embedded)
        except RequestRefused:
            outcome = "failed"
            raise
        finally:
            self._line.outbox.write(case.as_record(outcome, output))
            passage.settle(case.usage)
        return embedded

    async def _request(self, case: DirectContext, dimensions: int | None) -> Embedded:
        tenant = self._caller.tenant
        async with self._front.permits.embeddings.permit(tenant):
            case.began = True  # from here on the call has a cost, also when the client disconnects
            try:
                with tenant_scope(tenant):
                    return await self._embedder.embed(self._texts.all, dimensions)
            except EmbeddingRefused as error:
                case.began = False
                raise RequestRefused(ApiError(400, error.code, str(error), "input")) from error
            except EmbedderUnavailable as error:
                case.began = isinstance(error, EmbeddingLost)
                raise RequestRefused(ApiError(503, error.code, str(error), retry_after_s=2)) from error

    def _case(self, account: Account) -> DirectContext:
        """Embedded text is no question: only its hash is stored."""
        requester = Requester(self._caller.tenant, self._subject, self._trace, account)
        case = DirectContext(self.response_id, requester, self._ref, str(self._ref), "embeddings", self._front.clock)
        case.prompt_sha256, case.characters = self._texts.sha256, self._texts.characters
        return case

    async def _recorded_output(self, embedded: Embedded) -> ModelOutput:
        """Record only the tokens, estimated when the embedder reports none."""
        self.tokens = embedded.tokens if embedded.tokens is not None else await self._counted()
        spent = Spent(Usage(prompt_tokens=self.tokens), estimated=embedded.tokens is None)
        return ModelOutput(finish="stop", spent=spent)

    async def _counted(self) -> int:
        if self._texts.characters <= LARGE_BYTES:
            return tokens_in(self._texts)
        async with self._front.permits.counts.permit(self._caller.tenant):
            return await asyncio.to_thread(tokens_in, self._texts)
