"""An answer of the fleet: from the answer cache, or accepted on the log, then streamed or sent whole.

The client has a cached answer before the log has its request, because the broker takes longer than all the rest. Until
then the outbox of this gateway holds both, on disk.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from libs.contracts.answer import AnswerFinished
from libs.contracts.origin import Origin
from libs.contracts.progress import RequestOpened
from libs.http.context import HttpContext, trace_of
from libs.http.metadata import ResponseMetadata
from libs.http.responses import identify, json_response
from libs.ports.answers import ResponseState
from libs.ports.deltas import Delta
from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.response_body import response_body
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.question.identity import named_session, session_of
from services.gateway.domain.request_limits import RequestLimits
from services.gateway.domain.routing.answer_cache import CachedAnswer, end_of, is_cacheable, question_key
from services.gateway.domain.routing.decide import ToFleet
from services.gateway.pipeline.acceptance import accept, cancel
from services.gateway.pipeline.answer import (
    AcceptedRequest,
    StreamReply,
    build_whole_response,
    head_of,
    record_end,
    record_experts,
    wait_for_end,
)
from services.gateway.pipeline.app_context import AppContext
from services.gateway.pipeline.request_context import Admitted
from services.gateway.replies.pending_replies import End, Ending, PendingReply
from services.gateway.telemetry import answer_cache_lookups


@dataclass(frozen=True, slots=True)
class FleetAnswer:
    context: AppContext
    dialect: Dialect
    admitted: Admitted
    decision: ToFleet

    async def run(self, pending: PendingReply) -> None:
        """Send a cached answer, or accept the request and send its answer. Raises RequestRefused when acceptance
        fails."""
        tenant, known, http = pending.tenant, self.context.answer_cache, self.admitted.request.http
        question = _cache_key(self.decision, self.admitted.inference, http)
        if question and (answer := await known.find(tenant, question)) is not None:
            await self._send_cached(pending, answer)
            await known.record_hit(tenant, question, pending.response_id)
            return
        if question:
            set_cache_status(http.metadata, "miss")
        end = await self._answer(pending, http)
        if question and isinstance(end, AnswerFinished):
            await known.store(tenant, question, end)

    async def _send_cached(self, pending: PendingReply, answer: CachedAnswer) -> None:
        set_cache_status(self.admitted.request.http.metadata, "hit")
        opened = pending.opened = self._request_opened(pending)
        end = end_of(answer).after(opened)
        self.context.answer_cache.record(opened, end)
        await _send_cached_answer(self.context.limits, self._accepted_request(pending, opened), end, self.admitted)

    async def _answer(self, pending: PendingReply, http: HttpContext) -> End:
        if self.admitted.inference.stream:
            return await self._send_stream(pending, http)
        return await (
            self._send_queued(pending, http) if self.admitted.inference.background else self._send_whole(pending, http)
        )

    async def _send_queued(self, pending: PendingReply, http: HttpContext) -> End:
        """Send the `queued` response immediately. The request keeps its permit until its end, like any other."""
        accepted = await self._accept(pending)
        queued = json_response(response_body(accepted.opened, ResponseState(accepted.opened)))
        await identify(queued, accepted.head.id)(http.scope, http.receive, http.send)
        return await pending.end()

    def _may_reconnect(self) -> bool:
        """True for background requests and for requests with an Idempotency-Key."""
        return self.admitted.inference.background or self.admitted.request.idempotency is not None

    async def _send_stream(self, pending: PendingReply, http: HttpContext) -> End:
        async with self.context.deltas.follow(pending.response_id) as deltas:
            accepted = await self._accept(pending)
            reply = StreamReply(accepted, accepted.assembler(), http.send, self.context.limits)
            end = await reply.run(http.receive, deltas)
        if end is Ending.CLIENT_GONE and not self._may_reconnect():
            await cancel(self.context, accepted.opened, "client disconnected")
        return end

    async def _send_whole(self, pending: PendingReply, http: HttpContext) -> End:
        accepted = await self._accept(pending)
        end = await wait_for_end(accepted, http.receive)
        if end is Ending.CLIENT_GONE and not self._may_reconnect():
            await cancel(self.context, accepted.opened, "client disconnected")
        record_end(http.metadata, end)
        if (response := build_whole_response(accepted, end)) is not None:
            await response(http.scope, http.receive, http.send)
        return end

    async def _accept(self, pending: PendingReply) -> AcceptedRequest:
        rules = self.context.limits
        pending.expire_in(self._remaining_s() + rules.late_s)
        opened = pending.opened = await accept(self.context, self._request_opened(pending))
        self.admitted.request.http.metadata.step("accept")
        return self._accepted_request(pending, opened)

    def _accepted_request(self, pending: PendingReply, opened: RequestOpened) -> AcceptedRequest:
        head = head_of(opened, pending, include_usage=self.admitted.inference.include_usage)
        return AcceptedRequest(pending, self.dialect, head, opened)

    def _request_opened(self, pending: PendingReply) -> RequestOpened:
        admitted, now = self.admitted, self.context.clock.now()
        request = admitted.request
        origin = Origin(
            pending.response_id,
            request.http.caller.tenant,
            deadline_at=now + self._remaining_s(),
            trace=trace_of(request.http.headers.get("traceparent", "")),
            subject=request.subject,
        )
        return RequestOpened(
            question=self.decision.question,
            staffing=self.decision.staffing,
            model=self.decision.model,
            accepted_at=now,
            account=admitted.reservation.account,
            protocol=self.dialect.name,
            session=self._session(request.http),
            echo=admitted.inference.echo,
        ).opening(origin)

    def _remaining_s(self) -> float:
        """The time in the queue counts towards the deadline."""
        return max(0.0, self.context.limits.request_timeout_s - self.admitted.waited_s)

    def _session(self, http: HttpContext) -> str:
        inference = self.admitted.inference
        named = named_session(http.headers, inference.session)
        return session_of(named, inference.chat.messages, http.caller, self.context.pseudonym_keys.current)


def set_cache_status(metadata: ResponseMetadata, status: str) -> None:
    """Record the lookup result: `hit`, `miss`, or `bypass` without a lookup."""
    metadata.cache = status
    answer_cache_lookups(status).inc()


def _cache_key(decision: ToFleet, request: InferenceRequest, http: HttpContext) -> bytes:
    """Empty for a question that must be answered anew; then the cache status is `bypass`."""
    if is_cacheable(decision, request, http.headers.get("cache-control", "").lower()):
        return question_key(decision)
    set_cache_status(http.metadata, "bypass")
    return b""


async def _send_cached_answer(
    rules: RequestLimits, accepted: AcceptedRequest, end: AnswerFinished, admitted: Admitted
) -> None:
    """Send an end that is in the outbox and not on the log yet."""
    http = admitted.request.http
    pending = PendingReply(
        accepted.pending_reply.response_id, accepted.pending_reply.tenant
    )  # no `record_end`: the outbox holds this end already
    pending.resolve(end)
    admitted.reservation.settle(end.usage)
    head = head_of(accepted.opened, pending, include_usage=accepted.head.include_usage)
    cached = AcceptedRequest(pending, accepted.dialect, head, accepted.opened)
    if admitted.inference.stream:
        await StreamReply(cached, cached.assembler(), http.send, rules).run(http.receive, _no_deltas())
        return
    http.metadata.step("known")
    record_experts(http.metadata, end)
    if (response := build_whole_response(cached, end)) is not None:
        await response(http.scope, http.receive, http.send)


async def _no_deltas() -> AsyncIterator[Delta]:
    nothing: tuple[Delta, ...] = ()
    for delta in nothing:
        yield delta
