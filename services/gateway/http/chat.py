"""POST /v1/chat/completions."""

import asyncio

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from libs.contracts.envelope import Envelope
from libs.core.ids import new_response_id
from services.gateway.desk import Ending, Seat
from services.gateway.domain.body_room import BodyRoom
from services.gateway.domain.chat_request import ChatRequest, read_chat_request
from services.gateway.domain.trace import trace_of
from services.gateway.http.accepting import accept, cancel
from services.gateway.http.body import BodyLimits, read_body
from services.gateway.http.front import Front
from services.gateway.http.streaming import StreamReply
from services.gateway.http.ticket import Ticket
from services.gateway.http.whole import whole_end, whole_response

LARGE_BYTES = 256 * 1024  # from here on, parsing takes milliseconds and must not stop the streams of others


class ChatCompletions:
    """The endpoint, as an ASGI application: nothing may stand between the frames and the socket."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._room = BodyRoom(front.rules.body_room_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response_id = new_response_id(self._front.reply_partition, self._front.clock.now())
        with self._front.desk.seat(response_id, scope["tenant"]) as seat:
            try:
                request = await self._read(scope, receive)
            except ClientDisconnect:
                return
            if request.stream:
                await self._stream(seat, request, (scope, receive, send))
            else:
                await self._whole(seat, request, (scope, receive, send))

    async def _read(self, scope: Scope, receive: Receive) -> ChatRequest:
        rules = self._front.rules
        limits = BodyLimits(rules.body_bytes, rules.body_timeout_s)
        with self._room.share() as share:
            body = await read_body(Headers(scope=scope), receive, limits, share)
            if len(body) > LARGE_BYTES:
                return await asyncio.to_thread(read_chat_request, body, rules.limits)
            return read_chat_request(body, rules.limits)

    async def _stream(self, seat: Seat, request: ChatRequest, asgi: tuple[Scope, Receive, Send]) -> None:
        scope, receive, send = asgi
        async with self._front.deltas.follow(seat.response_id) as deltas:
            ticket = await self._accepted(seat, request, scope)
            end = await StreamReply(seat, ticket.assembler(), send, self._front.rules).run(receive, deltas)
        if end is Ending.CLIENT_GONE:
            await cancel(self._front, ticket.opened, "client disconnected")

    async def _whole(self, seat: Seat, request: ChatRequest, asgi: tuple[Scope, Receive, Send]) -> None:
        scope, receive, send = asgi
        ticket = await self._accepted(seat, request, scope)
        end = await whole_end(ticket, receive)
        if end is Ending.CLIENT_GONE:
            await cancel(self._front, ticket.opened, "client disconnected")
        if (response := whole_response(ticket, end)) is not None:
            await response(scope, receive, send)

    async def _accepted(self, seat: Seat, request: ChatRequest, scope: Scope) -> Ticket:
        rules, now = self._front.rules, self._front.clock.now()
        envelope = Envelope(
            event_id="",
            response_id=seat.response_id,
            tenant=scope["tenant"],
            causation_id="",
            deadline_at=now + rules.request_timeout_s,
            schema="",
            trace=trace_of(Headers(scope=scope).get("traceparent", "")),
            subject=self._front.subject_of(scope["tenant"], request.user),
        )
        seat.expire_in(rules.request_timeout_s + rules.late_s)
        opened = seat.opened = await accept(self._front, request, envelope)
        return Ticket(seat, request, opened, int(opened.accepted_at))
