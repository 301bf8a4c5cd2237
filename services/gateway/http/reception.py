"""A request for an answer, of any protocol, step by step."""

import asyncio
from functools import partial
from typing import TypeAlias

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from libs.core.ids import new_response_id
from libs.ports.metering import Entry, Passage
from services.gateway.desk import Seat
from services.gateway.domain.ask import Ask
from services.gateway.domain.body_room import BodyRoom
from services.gateway.domain.decide import ToFleet, ToModel, decide
from services.gateway.domain.dialects.dialect import Dialect
from services.gateway.domain.errors import model_not_found
from services.gateway.domain.estimate import estimated_tokens
from services.gateway.domain.json_body import read_json
from services.gateway.domain.repeating import IDEMPOTENCY_KEY, fingerprint_of
from services.gateway.http.body import BodyLimits, read_body
from services.gateway.http.fleet import FleetAnswer
from services.gateway.http.front import Front
from services.gateway.http.marks import marks_of
from services.gateway.http.metered import entered, telling_limits
from services.gateway.http.repeats import Repeats

LARGE_BYTES = 256 * 1024  # from here on, parsing takes milliseconds and must not stop the streams of others
Asgi: TypeAlias = tuple[Scope, Receive, Send]


class Reception:
    """The endpoint of one protocol, as an ASGI application: nothing may stand between the frames and the socket."""

    def __init__(self, front: Front, dialect: Dialect) -> None:
        self._front = front
        self._dialect = dialect
        self._room = BodyRoom(front.rules.body_room_bytes)
        self._repeats = Repeats(front)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response_id = new_response_id(self._front.reply_partition, self._front.clock.now())
        with self._front.desk.seat(response_id, scope["caller"].tenant) as seat:
            try:
                ask = await self._read(scope, receive)
            except ClientDisconnect:
                return
            marks_of(scope).step("read")
            await self._once(seat, ask, (scope, receive, send))

    async def _once(self, seat: Seat, ask: Ask, asgi: Asgi) -> None:
        """Answer, or give the answer that the same request has under its Idempotency-Key."""
        if (request := self._repeats.repeatable(asgi[0], ask, seat.response_id)) is None:
            await self._answer(seat, ask, asgi)
        else:
            await self._repeats.answer(request, seat, asgi, partial(self._answer, seat, ask))

    async def _answer(self, seat: Seat, ask: Ask, asgi: Asgi) -> None:
        decision = decide(ask, asgi[0]["caller"], self._front.rules.limits)
        if isinstance(decision, ToModel):
            raise model_not_found(ask.model)  # without models none is ever chosen
        passage = await self._entered(seat, ask, asgi[0], fleet=isinstance(decision, ToFleet))
        try:
            await FleetAnswer(self._front, self._dialect, ask, decision).give(seat, self._metered(asgi, passage))
        finally:
            passage.settle(seat.usage)

    async def _entered(self, seat: Seat, ask: Ask, scope: Scope, *, fleet: bool) -> Passage:
        tokens = estimated_tokens(ask, fleet=fleet)
        entry = Entry(scope["caller"], seat.response_id, tokens, ask.model, ask.stream)
        front = self._front
        return await entered(front.metering, entry, self._dialect.name, front.clock.now())

    def _metered(self, asgi: Asgi, passage: Passage) -> Asgi:
        scope, receive, send = asgi
        scope["passage"] = passage
        return scope, receive, telling_limits(send, passage, self._dialect.name, self._front.clock.now)

    async def _read(self, scope: Scope, receive: Receive) -> Ask:
        rules = self._front.rules
        limits = BodyLimits(rules.body_bytes, rules.body_timeout_s)
        with self._room.share() as share:
            headers = Headers(scope=scope)
            body = await read_body(headers, receive, limits, share)
            if IDEMPOTENCY_KEY in headers:
                scope["fingerprint"] = fingerprint_of(scope["path"], body)
            if len(body) > LARGE_BYTES:
                return await asyncio.to_thread(self._ask, body)
            return self._ask(body)

    def _ask(self, body: bytes) -> Ask:
        return self._dialect.read(read_json(body))
