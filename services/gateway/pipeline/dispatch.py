"""Selects the fleet or one model for a request, fits it into the context window, reserves its quota, and runs it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from starlette.requests import ClientDisconnect

from libs.contracts.model_call import Usage
from libs.http.context import Continuation, trace_of
from libs.http.metadata import ResponseMetadata
from libs.http.responses import send_json
from libs.ports.erasures import RequestRef
from libs.ports.identity import Caller
from libs.ports.key_values import DataSubject
from libs.ports.quota import QuotaRequest, Reservation
from services.gateway.admission.queued_requests import QueuedRequest
from services.gateway.dialects.dialect import Dialect
from services.gateway.direct.answer import BackgroundReply, DirectAnswer
from services.gateway.direct.call import DirectCall
from services.gateway.direct.context import DirectContext, ModelOutput, Requester
from services.gateway.direct.proxy import DirectProxy
from services.gateway.direct.request import DirectRequest, Remember, keep_nothing
from services.gateway.direct.server_permits import ServerQueue
from services.gateway.domain.body.chat import MOST_TOKENS
from services.gateway.domain.direct.passed import passed_headers
from services.gateway.domain.direct.record import RecordedReply, question_in
from services.gateway.domain.errors import RequestRefused
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.question.stored_turns import is_storable, turns_with
from services.gateway.domain.quota import answer_tokens, estimated_tokens, prompt_characters
from services.gateway.domain.routing.decide import (
    Decision,
    ToFleet,
    ToModel,
    check_model,
    decide,
    fit_to_window,
    window_of,
)
from services.gateway.domain.streaming.reply import ReplyHead
from services.gateway.pipeline.acceptance import publish_acknowledged
from services.gateway.pipeline.admission import AdmissionPermit, QueueProgress, require_valid_key
from services.gateway.pipeline.app_context import AppContext
from services.gateway.pipeline.fleet_reply import FleetAnswer, set_cache_status
from services.gateway.pipeline.previous_response import conversations_of, with_previous_response
from services.gateway.pipeline.quota import reserve_quota, set_limit_headers
from services.gateway.pipeline.request_context import Admitted, RequestContext
from services.gateway.replies.pending_replies import PendingReply

LARGE_CHARS = 16 * 1024  # counting reads every word


async def fit_context_window(request: InferenceRequest, decision: Decision) -> Decision:
    """Shortens the request if needed. Raises RequestRefused (400) when it cannot fit."""
    if not window_of(decision):
        return decision
    if prompt_characters(request.raw) > LARGE_CHARS:
        return await asyncio.to_thread(fit_to_window, request, decision)
    return fit_to_window(request, decision)


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Admits and answers the requests of one protocol."""

    context: AppContext
    dialect: Dialect

    async def admit(self, inference: InferenceRequest, permit: AdmissionPermit, request: RequestContext) -> Admitted:
        """Check permissions, reserve the quota, and wait for a permit.

        Raises RequestRefused when the request is forbidden or cannot be answered, ClientDisconnect when the client
        disconnects first.
        """
        context, direct, caller = self.context, self.context.direct, request.http.caller
        if context.models.templates is not None and not context.models.templates.loaded:
            await context.models.templates.wait_loaded()
        models = direct.models if direct is not None else None
        if inference.at_once:
            check_model(inference.model, caller, models, context.models)
            reservation = await self._reserve(QuotaRequest(caller, permit.response_id, 0), request.http.metadata)
            return Admitted(request, inference, None, reservation)
        continued = await self._add_previous_response(inference, permit, request)
        try:
            decision = decide(continued, caller, context.limits.limits, models, context.models)
            return await self._reserve_and_wait(continued, decision, permit, request)
        except (RequestRefused, ClientDisconnect):
            if inference.previous:
                await self._charge_request(permit, request)
            raise

    async def answer(self, admitted: Admitted, permit: AdmissionPermit) -> Continuation | None:
        """Send the answer of the fleet or of one model. Returns the rest of a stream that has begun, else None."""
        match admitted.decision:
            case ToModel() if self.context.direct is not None:
                return await self._answer_by_model(admitted, admitted.decision, self.context.direct, permit)
            case ToFleet():
                await self._answer_by_fleet(admitted, admitted.decision, permit.pending_reply)
            case _:
                admitted.reservation.settle(Usage())
                await send_json(admitted.request.http.send, admitted.inference.at_once, permit.response_id)
        return None

    async def _reserve_and_wait(
        self, inference: InferenceRequest, decision: Decision, permit: AdmissionPermit, request: RequestContext
    ) -> Admitted:
        """Join a queue if there is no permit, then reserve, then tokenize the prompt to fit its window. This order
        makes rejection by a full queue the cheapest; a waiting request has passed every other check."""
        server = self._server_queue_of(decision)
        permitted = self._acquire_permit(decision, permit)
        if not permitted:
            permit.join_fleet_queue(self._queued_request(request, self.context.limits.request_timeout_s))
        elif server is not None and permit.must_wait(server):
            permit.join_server_queue(server, self._queued_model_call(decision, request))
        if permit.has_joined:
            await asyncio.sleep(0)  # rejections of the same moment are sent first
        characters = prompt_characters(inference.raw)
        tokens = self._estimated_tokens(inference, decision, characters)
        entry = QuotaRequest(request.http.caller, permit.response_id, tokens, decision.priced_as, inference.stream)
        reservation, waited_s = await self._reserve(entry, request.http.metadata), 0.0
        try:
            decision = await self._fit_context_window(inference, decision, reservation)
            if not permitted:
                waited_s = await self._wait_for_fleet(inference, permit, request)
            if server is not None and (permit.has_joined or not permit.acquire_server_permit(server)):
                if not permit.has_joined:  # another request acquired the last permit meanwhile
                    permit.join_server_queue(server, self._queued_model_call(decision, request))
                await self._wait_for_server(server, inference, permit, request)
            return Admitted(request, inference, decision, reservation, characters, waited_s)
        except BaseException:
            reservation.release()
            raise

    async def _fit_context_window(
        self, inference: InferenceRequest, decision: Decision, reservation: Reservation
    ) -> Decision:
        """Counting a prompt uses CPU, so one that does not fit has used a request of the rate, and no tokens."""
        try:
            return await fit_context_window(inference, decision)
        except RequestRefused:
            reservation.settle(Usage())
            raise

    def _acquire_permit(self, decision: Decision, permit: AdmissionPermit) -> bool:
        """False for a request that must wait for a permit of the fleet. Raises RequestRefused (429, 503)."""
        direct = self.context.direct
        if direct is None or isinstance(decision, ToFleet):
            return permit.acquire_fleet_permit()
        permit.acquire_direct_slot(direct)
        return True

    def _estimated_tokens(self, inference: InferenceRequest, decision: Decision, characters: int) -> int:
        direct, most = self.context.direct, MOST_TOKENS
        if direct is not None and isinstance(decision, ToModel):
            most = direct.upstream(decision.ref.server).most_tokens
        return estimated_tokens(inference, characters, fleet=isinstance(decision, ToFleet), most=most)

    def _server_queue_of(self, decision: Decision) -> ServerQueue | None:
        """None for the fleet and for servers without a queue."""
        direct = self.context.direct
        if direct is None or direct.queues is None or not isinstance(decision, ToModel):
            return None
        return direct.queues.queue_of(decision.ref.server)

    async def _wait_for_fleet(
        self, inference: InferenceRequest, permit: AdmissionPermit, request: RequestContext
    ) -> float:
        """Seconds of the wait."""
        began = self.context.clock.monotonic()
        await permit.wait_for_fleet_permit(request.http.receive, self._queue_progress(inference, request))
        waited_s = self.context.clock.monotonic() - began
        request.http.metadata.step_elsewhere("queue")
        return waited_s

    async def _wait_for_server(
        self, server: ServerQueue, inference: InferenceRequest, permit: AdmissionPermit, request: RequestContext
    ) -> None:
        await permit.wait_for_server_permit(server, request.http.receive, self._queue_progress(inference, request))
        request.http.metadata.step_elsewhere("queue")

    def _queued_model_call(self, decision: Decision, request: RequestContext) -> QueuedRequest:
        direct = self.context.direct
        assert direct is not None
        assert isinstance(decision, ToModel)
        return self._queued_request(request, direct.timeouts.call_timeouts(decision.why).call_s)

    def _queued_request(self, request: RequestContext, deadline_s: float) -> QueuedRequest:
        ref = RequestRef(request.http.caller.tenant, request.response_id, request.subject)
        still_allowed = partial(require_valid_key, self.context.authenticator, request.http.scope)
        return QueuedRequest(ref, request.body_bytes, request.body_hash, deadline_s, still_allowed)

    def _queue_progress(self, inference: InferenceRequest, request: RequestContext) -> QueueProgress | None:
        """None for a request that is not streamed.

        Also None with an Idempotency-Key: the request may get the answer of another one.
        """
        if not inference.stream or request.idempotency is not None:
            return None
        now = self.context.clock.now()
        head = ReplyHead(
            response_id=request.response_id,
            model=inference.model,
            created=int(now),
            include_usage=inference.include_usage,
            echo=inference.echo,
            accepted_at=now,
            protocol=self.dialect.name,
        )
        return QueueProgress(self.dialect, head, request.http.send, self.context.limits.keep_alive_s)

    async def _answer_by_fleet(self, admitted: Admitted, decision: ToFleet, pending: PendingReply) -> None:
        self.context.pending_replies.mark_started(pending)
        try:
            await FleetAnswer(self.context, self.dialect, admitted, decision).run(pending)
        finally:
            admitted.reservation.settle(pending.usage)

    async def _answer_by_model(
        self, admitted: Admitted, decision: ToModel, proxy: DirectProxy, permit: AdmissionPermit
    ) -> Continuation | None:
        inference, http = admitted.inference, admitted.request.http
        set_cache_status(http.metadata, "bypass")
        case = self._direct_context(admitted, decision)
        remember = self._remember(inference, case, http.caller)
        headers = passed_headers(http.scope["headers"])
        request = DirectRequest(inference, decision.options, case, headers, remember, self.dialect.name)
        call = DirectCall(proxy, case, permit.hand_over(), admitted.reservation)
        answer = DirectAnswer(call, self.dialect, request)
        if inference.background:
            return await BackgroundReply(answer, partial(publish_acknowledged, self.context)).run(http)
        return await answer.run(http)

    async def _add_previous_response(
        self, inference: InferenceRequest, permit: AdmissionPermit, request: RequestContext
    ) -> InferenceRequest:
        """Add the previous response. A look-up that fails has used a request of the rate; another is part of its
        request, and `admit` charges one that is rejected later."""
        if not inference.previous:
            return inference
        caller = request.http.caller
        reservation = await self._reserve(QuotaRequest(caller, permit.response_id, 0), request.http.metadata)
        try:
            continued = await with_previous_response(self.context, inference, caller)
        except BaseException:
            reservation.settle(Usage())
            raise
        reservation.release()
        return continued

    async def _charge_request(self, permit: AdmissionPermit, request: RequestContext) -> None:
        """Take a request of the rate for the work before a rejection. Without one left, the next look-up is refused."""
        with suppress(RequestRefused):
            entry = QuotaRequest(request.http.caller, permit.response_id, 0)
            (await self._reserve(entry, request.http.metadata)).settle(Usage())

    async def _reserve(self, entry: QuotaRequest, metadata: ResponseMetadata) -> Reservation:
        now = self.context.clock.now
        reservation = await reserve_quota(self.context.quota, entry, self.dialect.name, now())
        set_limit_headers(metadata, reservation, self.dialect.name, now)
        return reservation

    def _remember(self, inference: InferenceRequest, case: DirectContext, caller: Caller) -> Remember:
        """The callback stores the conversation for `previous_response_id`."""
        if self.dialect.name != "responses" or not is_storable(inference):
            return keep_nothing
        conversations = conversations_of(self.context)
        person = DataSubject(caller.tenant, case.requester.subject, self.context.clock.now())

        async def remember(output: ModelOutput) -> None:
            await conversations.store(
                caller, person, case.response_id, turns_with(inference, output.text, output.calls)
            )

        return remember

    def _direct_context(self, admitted: Admitted, decision: ToModel) -> DirectContext:
        request, inference = admitted.request, admitted.inference
        trace = trace_of(request.http.headers.get("traceparent", ""))
        account = admitted.reservation.account
        case = DirectContext(
            response_id=request.response_id,
            requester=Requester(request.http.caller.tenant, request.subject, trace, account),
            ref=decision.ref,
            requested_model=decision.model,
            why=decision.why,
            clock=self.context.clock,
            input=question_in(inference.chat.messages),
            characters=admitted.characters,
            reply=RecordedReply(self.dialect.name, inference.echo),
        )
        case.answers = inference.chat.n or 1
        case.most_tokens = answer_tokens(inference) or decision.options.max_tokens * case.answers
        return case
