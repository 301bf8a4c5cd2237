"""An answer of the fleet: accepted on the log, then streamed or sent whole."""

from dataclasses import dataclass

from starlette.types import Scope

from libs.contracts.answer import AnswerFinished
from libs.contracts.origin import Origin
from libs.contracts.progress import RequestOpened
from libs.http.detached_body import Asgi
from libs.http.header_fields import fields_of
from libs.http.metadata import metadata_of
from libs.http.trace import trace_of
from libs.ports.answers import ResponseState
from libs.ports.identity import Caller
from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.response_body import response_body
from services.gateway.domain.question.inference_request import InferenceRequest
from services.gateway.domain.question.sessions import named_session, session_of
from services.gateway.domain.routing.answer_cache import CachedAnswer, end_of
from services.gateway.domain.routing.decide import ToFleet
from services.gateway.http.responses import identify, json_response
from services.gateway.pipeline.acceptance import accept, cancel
from services.gateway.pipeline.accepted_request import AcceptedRequest, head_of
from services.gateway.pipeline.answer_cache import cache_key, send_cached_answer, set_cache_status
from services.gateway.pipeline.app_context import AppContext
from services.gateway.pipeline.streaming import StreamReply
from services.gateway.pipeline.whole import mark_end, whole_end, whole_response
from services.gateway.replies.pending_reply import End, Ending, PendingReply


@dataclass(frozen=True, slots=True)
class FleetAnswer:
    context: AppContext
    dialect: Dialect
    ask: InferenceRequest
    decision: ToFleet

    async def run(self, seat: PendingReply, asgi: Asgi) -> None:
        """Send a cached answer, or accept the request and send its answer. Raises RequestRefused when acceptance
        fails."""
        tenant, known = seat.tenant, self.context.answer_cache
        question = cache_key(self.decision, self.ask, asgi[0])
        if question and (answer := await known.find(tenant, question)) is not None:
            await self._send_cached(seat, answer, asgi)
            await known.record_hit(tenant, question, seat.response_id)
            return
        if question:
            set_cache_status(asgi[0], "miss")
        end = await self._dispatch(seat, asgi)
        if question and isinstance(end, AnswerFinished):
            await known.store(tenant, question, end)

    async def _send_cached(self, seat: PendingReply, answer: CachedAnswer, asgi: Asgi) -> None:
        set_cache_status(asgi[0], "hit")
        opened = seat.opened = self._request(seat, asgi[0])
        end = end_of(answer).after(opened)
        self.context.answer_cache.record(opened, end)
        await send_cached_answer(
            self.context.limits, self._accepted_request(seat, opened), end, asgi, stream=self.ask.stream
        )

    async def _dispatch(self, seat: PendingReply, asgi: Asgi) -> End:
        if self.ask.stream:
            return await self._stream(seat, asgi)
        return await (self._in_background(seat, asgi) if self.ask.background else self._whole(seat, asgi))

    async def _in_background(self, seat: PendingReply, asgi: Asgi) -> End:
        """Send the `queued` response immediately. The request keeps its permit until its end, like any other."""
        scope, receive, send = asgi
        ticket = await self._accepted(seat, scope)
        queued = json_response(response_body(ticket.opened, ResponseState(ticket.opened)))
        await identify(queued, ticket.head.id)(scope, receive, send)
        return await seat.end()

    def _may_reconnect(self, scope: Scope) -> bool:
        """True for background requests and for requests with an Idempotency-Key."""
        return self.ask.background or "fingerprint" in scope

    async def _stream(self, seat: PendingReply, asgi: Asgi) -> End:
        scope, receive, send = asgi
        async with self.context.deltas.follow(seat.response_id) as deltas:
            ticket = await self._accepted(seat, scope)
            end = await StreamReply(ticket, ticket.assembler(), send, self.context.limits).run(receive, deltas)
        if end is Ending.CLIENT_GONE and not self._may_reconnect(scope):
            await cancel(self.context, ticket.opened, "client disconnected")
        return end

    async def _whole(self, seat: PendingReply, asgi: Asgi) -> End:
        scope, receive, send = asgi
        ticket = await self._accepted(seat, scope)
        end = await whole_end(ticket, receive)
        if end is Ending.CLIENT_GONE and not self._may_reconnect(scope):
            await cancel(self.context, ticket.opened, "client disconnected")
        mark_end(metadata_of(scope), end)
        if (response := whole_response(ticket, end)) is not None:
            await response(scope, receive, send)
        return end

    async def _accepted(self, seat: PendingReply, scope: Scope) -> AcceptedRequest:
        rules = self.context.limits
        seat.expire_in(self._left_s(scope) + rules.late_s)
        opened = seat.opened = await accept(self.context, self._request(seat, scope))
        metadata_of(scope).step("accept")
        return self._accepted_request(seat, opened)

    def _accepted_request(self, seat: PendingReply, opened: RequestOpened) -> AcceptedRequest:
        head = head_of(opened, seat, include_usage=self.ask.include_usage)
        return AcceptedRequest(seat, self.dialect, head, opened)

    def _request(self, seat: PendingReply, scope: Scope) -> RequestOpened:
        caller: Caller = scope["caller"]
        now = self.context.clock.now()
        origin = Origin(
            seat.response_id,
            caller.tenant,
            deadline_at=now + self._left_s(scope),
            trace=trace_of(fields_of(scope).get("traceparent", "")),
            subject=scope["subject"],
        )
        return RequestOpened(
            question=self.decision.question,
            staffing=self.decision.staffing,
            model=self.decision.model,
            accepted_at=now,
            account=scope["passage"].account,
            protocol=self.dialect.name,
            session=self._session(scope),
            echo=self.ask.echo,
        ).opening(origin)

    def _left_s(self, scope: Scope) -> float:
        """The time in the queue counts towards the deadline."""
        waited_s: float = scope.get("waited_s", 0.0)
        return max(0.0, self.context.limits.request_timeout_s - waited_s)

    def _session(self, scope: Scope) -> str:
        named = named_session(fields_of(scope), self.ask.session)
        return session_of(named, self.ask.chat.messages, scope["caller"], self.context.pseudonym_keys.current)
