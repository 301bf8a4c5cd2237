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
        self._front = context
        self._dialect = dialect
        self._answering = Dispatcher(context, dialect)
        self._limits = BodyLimits(context.limits.body_bytes, context.limits.body_timeout_s)
        self._body_memory = BodyMemoryLimit(context.limits.body_memory_bytes)
        self._repeats = Idempotency(context)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        http = HttpContext.of(scope, receive, send)
        response_id = new_response_id(self._front.reply_partition, self._front.clock.now())
        with AdmissionPermit(self._front, response_id, http.caller.tenant) as arrival:
            try:
                request, inference = await self._read(http, response_id)
            except ClientDisconnect:
                return
            http.metadata.step("read")
            try:
                rest = await self._once(arrival, inference, request)
            except ClientDisconnect:
                return
            except RequestRefused as refused:
                translated = in_words(refused, self._dialect.names)
                if arrival.progress is None or not arrival.progress.begun:
                    raise translated from refused
                await arrival.progress.fail(translated.error)
                return
        if rest is not None:
            run_detached(scope, rest)

    async def _once(
        self, arrival: AdmissionPermit, inference: InferenceRequest, request: RequestContext
    ) -> Continuation | None:
        """Run the request, or replay the answer stored under its Idempotency-Key. Returns the rest of a stream that has
        begun, else None."""
        if request.idempotency is None:
            admitted = await self._answering.admit(inference, arrival, request)
            if arrival.progress is not None:
                request = request.connected_to(request.http.receive, arrival.progress.send)
                admitted = replace(admitted, request=request)
            return await self._answering.answer(admitted, arrival)
        repeatable = self._repeats.repeatable(request, request.idempotency, inference)
        admit = partial(self._answering.admit, inference, arrival, request)
        await self._repeats.answer(repeatable, arrival, RequestSteps(admit, partial(self._to_its_end, arrival)))
        return None

    async def _to_its_end(self, arrival: AdmissionPermit, admitted: Admitted) -> None:
        if (rest := await self._answering.answer(admitted, arrival)) is not None:
            await rest(admitted.request.http.send)

    async def _read(self, http: HttpContext, response_id: str) -> tuple[RequestContext, InferenceRequest]:
        with self._body_memory.share() as share:
            body = await read_json_body(http.headers, http.receive, self._limits, share.grow)
            record = None
            if IDEMPOTENCY_KEY in http.headers:
                record = IdempotencyRecord(fingerprint_of(http.scope["path"], body), response_id)
            if len(body) > LARGE_BYTES:
                inference, value = await asyncio.to_thread(self._parse, body)
            else:
                inference, value = self._parse(body)
            subject = subject_of(self._front.pseudonym_keys, http.caller, client_users(value, http.headers))
            return RequestContext(http, response_id, subject, len(body), hash(body), record), inference

    def _parse(self, body: bytes) -> tuple[InferenceRequest, object]:
        value = read_json(body)
        return self._dialect.read(value), value
