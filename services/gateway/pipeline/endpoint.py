"""The endpoint of inference requests of any protocol."""

import asyncio
from functools import partial

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from libs.core.ids import new_response_id
from libs.http.detached_body import Asgi, Continuation, run_detached
from libs.http.header_fields import fields_of
from libs.http.metadata import metadata_of
from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.naming import in_words
from services.gateway.domain.body.client_users import client_users
from services.gateway.domain.body.json import read_json
from services.gateway.domain.body.memory_limit import BodyMemoryLimit
from services.gateway.domain.errors import RequestRefused
from services.gateway.domain.idempotency import IDEMPOTENCY_KEY, fingerprint_of
from services.gateway.domain.question.inference_request import InferenceRequest
from services.gateway.http.body import BodyLimits, read_body
from services.gateway.pipeline.admission import AdmissionPermit
from services.gateway.pipeline.app_context import AppContext
from services.gateway.pipeline.dispatch import Admitted, Dispatcher
from services.gateway.pipeline.idempotency import Idempotency, RequestSteps

LARGE_BYTES = 256 * 1024  # beyond this, parsing takes milliseconds and must not block other streams


class InferenceEndpoint:
    """The endpoint of one protocol. An ASGI application, because no layer may come between the frames and the
    socket."""

    def __init__(self, context: AppContext, dialect: Dialect) -> None:
        self._front = context
        self._dialect = dialect
        self._answering = Dispatcher(context, dialect)
        self._limits = BodyLimits(context.limits.body_bytes, context.limits.body_timeout_s)
        self._room = BodyMemoryLimit(context.limits.body_room_bytes)
        self._repeats = Idempotency(context)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response_id = new_response_id(self._front.reply_partition, self._front.clock.now())
        with AdmissionPermit(self._front, response_id, scope["caller"].tenant) as arrival:
            try:
                ask = await self._read(scope, receive)
            except ClientDisconnect:
                return
            metadata_of(scope).step("read")
            try:
                rest = await self._once(arrival, ask, (scope, receive, send))
            except ClientDisconnect:
                return
            except RequestRefused as refused:
                told = in_words(refused, self._dialect.names)
                if arrival.progress is None or not arrival.progress.begun:
                    raise told from refused
                await arrival.progress.fail(told.error)
                return
        if rest is not None:
            run_detached(scope, rest)

    async def _once(self, arrival: AdmissionPermit, ask: InferenceRequest, asgi: Asgi) -> Continuation | None:
        """Run the request, or replay the answer stored under its Idempotency-Key. Returns the rest of a stream that has
        begun, else None."""
        request = self._repeats.repeatable(asgi[0], ask, arrival.response_id)
        if request is None:
            admitted = await self._answering.admit(ask, arrival, asgi)
            if arrival.progress is not None:
                asgi = (asgi[0], asgi[1], arrival.progress.send)
            return await self._answering.answer(admitted, arrival, asgi)
        admit = partial(self._answering.admit, ask, arrival, asgi)
        await self._repeats.answer(request, arrival, asgi, RequestSteps(admit, partial(self._to_its_end, arrival)))
        return None

    async def _to_its_end(self, arrival: AdmissionPermit, admitted: Admitted, asgi: Asgi) -> None:
        if (rest := await self._answering.answer(admitted, arrival, asgi)) is not None:
            await rest(asgi[2])

    async def _read(self, scope: Scope, receive: Receive) -> InferenceRequest:
        with self._room.share() as share:
            headers = fields_of(scope)
            body = await read_body(headers, receive, self._limits, share)
            scope["body_bytes"], scope["body_hash"] = len(body), hash(body)
            if IDEMPOTENCY_KEY in headers:
                scope["fingerprint"] = fingerprint_of(scope["path"], body)
            if len(body) > LARGE_BYTES:
                ask, value = await asyncio.to_thread(self._parse, body)
            else:
                ask, value = self._parse(body)
            scope["subject"] = self._front.subject_of(scope["caller"], client_users(value, headers))
            return ask

    def _parse(self, body: bytes) -> tuple[InferenceRequest, object]:
        value = read_json(body)
        return self._dialect.read(value), value
