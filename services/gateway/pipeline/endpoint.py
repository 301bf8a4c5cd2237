"""The endpoint of inference requests of any protocol."""

import asyncio
from dataclasses import replace
from functools import partial

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from libs.core.ids import new_response_id
from libs.http.body import BodyLimits, read_json_body
from libs.http.context import Continuation, HttpContext, run_detached
from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.naming import in_words
from services.gateway.domain.body.json import BodyMemoryLimit, read_json
from services.gateway.domain.errors import RequestRefused
from services.gateway.domain.idempotency import IDEMPOTENCY_KEY, IdempotencyRecord, fingerprint_of
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.question.identity import client_users, subject_of
from services.gateway.pipeline.admission import AdmissionPermit
from services.gateway.pipeline.app_context import AppContext
from services.gateway.pipeline.dispatch import Dispatcher
from services.gateway.pipeline.idempotency import Idempotency, RequestSteps
from services.gateway.pipeline.request_context import Admitted, RequestContext

LARGE_BYTES = 256 * 1024  # beyond this, parsing takes milliseconds and must not block other streams


class InferenceEndpoint:
    """The endpoint of one protocol. An ASGI application, because no layer may come between the frames and the
    socket."""

    def __init__(self, context: AppContext, dialect: Dialect) -> None:
        self._context = context
        self._dialect = dialect
        self._dispatcher = Dispatcher(context, dialect)
        self._limits = BodyLimits(context.limits.body_bytes, context.limits.body_timeout_s)
        self._body_memory = BodyMemoryLimit(context.limits.body_memory_bytes)
        self._idempotency = Idempotency(context)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        http = HttpContext.of(scope, receive, send)
        response_id = new_response_id(self._context.reply_partition, self._context.clock.now())
        with AdmissionPermit(self._context, response_id, http.caller.tenant) as permit:
            try:
                request, inference = await self._read_request(http, response_id)
            except ClientDisconnect:
                return
            http.metadata.step("read")
            try:
                rest = await self._run_or_replay(permit, inference, request)
            except ClientDisconnect:
                return
            except RequestRefused as refused:
                translated = in_words(refused, self._dialect.names)
                if permit.progress is None or not permit.progress.begun:
                    raise translated from refused
                await permit.progress.fail(translated.error)
                return
        if rest is not None:
            run_detached(scope, rest)

    async def _run_or_replay(
        self, permit: AdmissionPermit, inference: InferenceRequest, request: RequestContext
    ) -> Continuation | None:
        """Run the request, or replay the answer stored under its Idempotency-Key. Returns the rest of a stream that has
        begun, else None."""
        if request.idempotency is None:
            admitted = await self._dispatcher.admit(inference, permit, request)
            if permit.progress is not None:
                request = request.connected_to(request.http.receive, permit.progress.send)
                admitted = replace(admitted, request=request)
            return await self._dispatcher.answer(admitted, permit)
        repeatable = self._idempotency.repeatable(request, request.idempotency, inference)
        admit = partial(self._dispatcher.admit, inference, permit, request)
        await self._idempotency.answer(
            repeatable, permit, RequestSteps(admit, partial(self._answer_to_the_end, permit))
        )
        return None

    async def _answer_to_the_end(self, permit: AdmissionPermit, admitted: Admitted) -> None:
        if (rest := await self._dispatcher.answer(admitted, permit)) is not None:
            await rest(admitted.request.http.send)

    async def _read_request(self, http: HttpContext, response_id: str) -> tuple[RequestContext, InferenceRequest]:
        with self._body_memory.share() as share:
            body = await read_json_body(http.headers, http.receive, self._limits, share.grow)
            record = None
            if IDEMPOTENCY_KEY in http.headers:
                record = IdempotencyRecord(fingerprint_of(http.scope["path"], body), response_id)
            if len(body) > LARGE_BYTES:
                inference, value = await asyncio.to_thread(self._parse_body, body)
            else:
                inference, value = self._parse_body(body)
            subject = subject_of(self._context.pseudonym_keys, http.caller, client_users(value, http.headers))
            return RequestContext(http, response_id, subject, len(body), hash(body), record), inference

    def _parse_body(self, body: bytes) -> tuple[InferenceRequest, object]:
        value = read_json(body)
        return self._dialect.read(value), value
