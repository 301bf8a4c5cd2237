"""A request for an answer, of any protocol, step by step."""

import asyncio
from functools import partial

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from libs.core.ids import new_response_id
from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.naming import in_words
from services.gateway.domain.body.client_users import client_users
from services.gateway.domain.body.json import read_json
from services.gateway.domain.body.memory_limit import BodyRoom
from services.gateway.domain.errors import RequestRefused
from services.gateway.domain.idempotency import IDEMPOTENCY_KEY, fingerprint_of
from services.gateway.domain.question.ask import Ask
from services.gateway.http.body import BodyLimits, read_body
from services.gateway.http.detached_body import Asgi, Rest, go_on
from services.gateway.http.header_fields import fields_of
from services.gateway.http.response_metadata import marks_of
from services.gateway.pipeline.admission import Arrival
from services.gateway.pipeline.app_context import Front
from services.gateway.pipeline.dispatch import Admitted, Answering
from services.gateway.pipeline.idempotency import Repeats, Work

LARGE_BYTES = 256 * 1024  # from here on, parsing takes milliseconds and must not stop the streams of others


class Reception:
    """The endpoint of one protocol, as an ASGI application: nothing may stand between the frames and the socket."""

    def __init__(self, front: Front, dialect: Dialect) -> None:
        self._front = front
        self._dialect = dialect
        self._answering = Answering(front, dialect)
        self._limits = BodyLimits(front.rules.body_bytes, front.rules.body_timeout_s)
        self._room = BodyRoom(front.rules.body_room_bytes)
        self._repeats = Repeats(front)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response_id = new_response_id(self._front.reply_partition, self._front.clock.now())
        with Arrival(self._front, response_id, scope["caller"].tenant) as arrival:
            try:
                ask = await self._read(scope, receive)
            except ClientDisconnect:
                return
            marks_of(scope).step("read")
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
            go_on(scope, rest)

    async def _once(self, arrival: Arrival, ask: Ask, asgi: Asgi) -> Rest | None:
        """Answer, or give the answer that the same request has under its Idempotency-Key; return what is left to do."""
        request = self._repeats.repeatable(asgi[0], ask, arrival.response_id)
        if request is None:
            admitted = await self._answering.admit(ask, arrival, asgi)
            if arrival.progress is not None:
                asgi = (asgi[0], asgi[1], arrival.progress.send)
            return await self._answering.answer(admitted, arrival, asgi)
        admit = partial(self._answering.admit, ask, arrival, asgi)
        await self._repeats.answer(request, arrival, asgi, Work(admit, partial(self._to_its_end, arrival)))
        return None

    async def _to_its_end(self, arrival: Arrival, admitted: Admitted, asgi: Asgi) -> None:
        if (rest := await self._answering.answer(admitted, arrival, asgi)) is not None:
            await rest(asgi[2])

    async def _read(self, scope: Scope, receive: Receive) -> Ask:
        with self._room.share() as share:
            headers = fields_of(scope)
            body = await read_body(headers, receive, self._limits, share)
            scope["body_bytes"], scope["body_hash"] = len(body), hash(body)
            if IDEMPOTENCY_KEY in headers:
                scope["fingerprint"] = fingerprint_of(scope["path"], body)
            if len(body) > LARGE_BYTES:
                ask, value = await asyncio.to_thread(self._ask, body)
            else:
                ask, value = self._ask(body)
            scope["subject"] = self._front.subject_of(scope["caller"], client_users(value, headers))
            return ask

    def _ask(self, body: bytes) -> tuple[Ask, object]:
        value = read_json(body)
        return self._dialect.read(value), value
