"""Selects the fleet or one model for a request, reserves its quota, and runs it."""

import asyncio
from dataclasses import dataclass
from functools import partial

from starlette.types import Scope

from libs.contracts.model_call import Usage
from libs.http.detached_body import Asgi, Continuation
from libs.http.header_fields import fields_of
from libs.http.metadata import metadata_of
from libs.http.trace import trace_of
from libs.ports.erasures import RequestRef
from libs.ports.identity import Caller
from libs.ports.key_values import DataSubject
from libs.ports.quota import QuotaRequest, Reservation
from services.gateway.admission.queued_requests import QueuedRequest
from services.gateway.dialects.dialect import Dialect
from services.gateway.direct.answer import DirectAnswer
from services.gateway.direct.call import DirectCall
from services.gateway.direct.context import DirectContext, ModelOutput, Requester
from services.gateway.direct.proxy import DirectProxy
from services.gateway.direct.request import DirectRequest, Remember, keep_nothing
from services.gateway.direct.server_permits import ServerQueue
from services.gateway.domain.body.chat import MOST_TOKENS
from services.gateway.domain.direct.passed import passed_headers
from services.gateway.domain.direct.recorded_reply import RecordedReply
from services.gateway.domain.direct.texts import question_in
from services.gateway.domain.question.estimate import answer_tokens, estimated_tokens, prompt_characters
from services.gateway.domain.question.inference_request import InferenceRequest
from services.gateway.domain.question.stored_turns import is_storable, turns_with
from services.gateway.domain.routing.decide import Decision, ToFleet, ToModel, check_model, decide
from services.gateway.domain.streaming.reply import ReplyHead
from services.gateway.http.responses import send_json
from services.gateway.pipeline.admission import AdmissionPermit
from services.gateway.pipeline.answer_cache import set_cache_status
from services.gateway.pipeline.app_context import AppContext
from services.gateway.pipeline.background import BackgroundReply
from services.gateway.pipeline.context_window import fit_context_window
from services.gateway.pipeline.fleet_reply import FleetAnswer
from services.gateway.pipeline.previous_response import conversations_of, with_previous_response
from services.gateway.pipeline.queue_progress import QueueProgress
from services.gateway.pipeline.queueing import require_valid_key
from services.gateway.pipeline.quota import reserve_quota, set_limit_headers
from services.gateway.replies.pending_reply import PendingReply


@dataclass(slots=True)
class Admitted:
    """A request that has passed permissions, rates and budgets; nothing is stored yet. Pass it to `Dispatcher.answer`,
    or release it.

    `decision` is None for a request that is answered immediately. `characters` is the length of its prompt.
    """

    ask: InferenceRequest
    decision: Decision | None
    reservation: Reservation
    characters: int

    def release(self) -> None:
        """Release the reservation. No effect once the request is answered."""
        self.reservation.release()


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Admits and answers the requests of one protocol."""

    context: AppContext
    dialect: Dialect

    async def admit(self, ask: InferenceRequest, permit: AdmissionPermit, asgi: Asgi) -> Admitted:
        """Check permissions, reserve the quota, and wait for a permit.

        Raises RequestRefused when the request is forbidden or cannot be answered, ClientDisconnect when the client
        disconnects first.
        """
        front, direct, scope = self.context, self.context.direct, asgi[0]
        if front.models.templates is not None and not front.models.templates.loaded:
            await front.models.templates.wait_loaded()
        models = direct.models if direct is not None else None
        if ask.at_once:
            check_model(ask.model, scope["caller"], models, front.models)
            return Admitted(
                ask, None, await self._reserve(QuotaRequest(scope["caller"], permit.response_id, 0), scope), 0
            )
        ask = await with_previous_response(front, ask, scope["caller"])
        decision = decide(ask, scope["caller"], front.limits.limits, models, front.models)
        return await self._reserved(ask, decision, permit, asgi)

    async def answer(self, admitted: Admitted, permit: AdmissionPermit, asgi: Asgi) -> Continuation | None:
        """Send the answer of the fleet or of one model. Returns the rest of a stream that has begun, else None."""
        match admitted.decision:
            case ToModel() if self.context.direct is not None:
                return await self._by_model(admitted, admitted.decision, self.context.direct, (permit, asgi))
            case ToFleet():
                await self._by_fleet(admitted, admitted.decision, permit.pending_reply, asgi)
            case _:
                admitted.reservation.settle(Usage())
                await send_json(asgi[2], admitted.ask.at_once, permit.response_id)
        return None

    async def _reserved(
        self, ask: InferenceRequest, decision: Decision, arrival: AdmissionPermit, asgi: Asgi
    ) -> Admitted:
        """Join a queue if there is no permit, then reserve, then tokenize the prompt to fit its window. This order
        makes rejection by a full queue the cheapest; a waiting request has passed every other check."""
        scope, server = asgi[0], self._server_of(decision)
        permitted = self._placed(decision, arrival)
        if not permitted:
            arrival.join_fleet(self._queued(arrival, scope, self.context.limits.request_timeout_s))
        elif server is not None and arrival.must_wait(server):
            arrival.join_server(server, self._queued_for_model(decision, arrival, scope))
        if arrival.has_joined:
            await asyncio.sleep(0)  # rejections of the same moment are sent first
        characters = prompt_characters(ask.raw)
        tokens = self._estimated_tokens(ask, decision, characters)
        entry = QuotaRequest(scope["caller"], arrival.response_id, tokens, decision.priced_as, ask.stream)
        passage = await self._reserve(entry, scope)
        try:
            admitted = Admitted(ask, await fit_context_window(ask, decision), passage, characters)
            if not permitted:
                await self._wait_for_fleet(ask, arrival, asgi)
            if server is not None and (arrival.has_joined or not arrival.for_server(server)):
                await self._wait_for_server(server, admitted, arrival, asgi)
            return admitted
        except BaseException:
            passage.release()
            raise

    def _placed(self, decision: Decision, arrival: AdmissionPermit) -> bool:
        """False for a request that must wait for a permit of the fleet. Raises RequestRefused (429, 503)."""
        direct = self.context.direct
        if direct is None or isinstance(decision, ToFleet):
            return arrival.for_fleet()
        arrival.for_model(direct)
        return True

    def _estimated_tokens(self, ask: InferenceRequest, decision: Decision, characters: int) -> int:
        direct, most = self.context.direct, MOST_TOKENS
        if direct is not None and isinstance(decision, ToModel):
            most = direct.upstream(decision.ref.server).most_tokens
        return estimated_tokens(ask, characters, fleet=isinstance(decision, ToFleet), most=most)

    def _server_of(self, decision: Decision) -> ServerQueue | None:
        """None for the fleet and for servers without a queue."""
        direct = self.context.direct
        if direct is None or direct.queues is None or not isinstance(decision, ToModel):
            return None
        return direct.queues.queue_of(decision.ref.server)

    async def _wait_for_fleet(self, ask: InferenceRequest, arrival: AdmissionPermit, asgi: Asgi) -> None:
        began = self.context.clock.monotonic()
        await arrival.wait_for_fleet(asgi[1], self._progress(ask, arrival, asgi))
        asgi[0]["waited_s"] = self.context.clock.monotonic() - began
        metadata_of(asgi[0]).step_elsewhere("queue")

    async def _wait_for_server(
        self, server: ServerQueue, admitted: Admitted, arrival: AdmissionPermit, asgi: Asgi
    ) -> None:
        if not arrival.has_joined:  # another request acquired the last permit meanwhile
            assert admitted.decision is not None
            arrival.join_server(server, self._queued_for_model(admitted.decision, arrival, asgi[0]))
        await arrival.wait_for_server(server, asgi[1], self._progress(admitted.ask, arrival, asgi))
        metadata_of(asgi[0]).step_elsewhere("queue")

    def _queued_for_model(self, decision: Decision, arrival: AdmissionPermit, scope: Scope) -> QueuedRequest:
        line = self.context.direct
        assert line is not None
        assert isinstance(decision, ToModel)
        return self._queued(arrival, scope, line.timeouts.call_timeouts(decision.why).call_s)

    def _queued(self, arrival: AdmissionPermit, scope: Scope, deadline_s: float) -> QueuedRequest:
        ref = RequestRef(scope["caller"].tenant, arrival.response_id, scope["subject"])
        still_allowed = partial(require_valid_key, self.context.authenticator, scope)
        return QueuedRequest(ref, scope["body_bytes"], scope["body_hash"], deadline_s, still_allowed)

    def _progress(self, ask: InferenceRequest, arrival: AdmissionPermit, asgi: Asgi) -> QueueProgress | None:
        """None for a request that is not streamed.

        Also None with an Idempotency-Key: the request may get the answer of another one.
        """
        scope, _, send = asgi
        if not ask.stream or "fingerprint" in scope:
            return None
        now = self.context.clock.now()
        head = ReplyHead(
            response_id=arrival.response_id,
            model=ask.model,
            created=int(now),
            include_usage=ask.include_usage,
            echo=ask.echo,
            accepted_at=now,
            protocol=self.dialect.name,
        )
        return QueueProgress(self.dialect, head, send, self.context.limits.keep_alive_s)

    async def _by_fleet(self, admitted: Admitted, decision: ToFleet, pending: PendingReply, asgi: Asgi) -> None:
        self.context.pending_replies.mark_started(pending)
        try:
            await FleetAnswer(self.context, self.dialect, admitted.ask, decision).run(pending, asgi)
        finally:
            admitted.reservation.settle(pending.usage)

    async def _by_model(
        self, admitted: Admitted, decision: ToModel, proxy: DirectProxy, came: tuple[AdmissionPermit, Asgi]
    ) -> Continuation | None:
        arrival, asgi = came
        ask, scope = admitted.ask, asgi[0]
        set_cache_status(scope, "bypass")
        case = self._case(ask, decision, scope, arrival.response_id, admitted.characters)
        headers = passed_headers(scope["headers"])
        remember = self._remember(ask, case, scope["caller"])
        request = DirectRequest(ask, decision.options, case, headers, remember, self.dialect.name)
        call = DirectCall(proxy, case, arrival.hand_over(), admitted.reservation)
        answer = DirectAnswer(call, self.dialect, request)
        return await (BackgroundReply(self.context, answer) if ask.background else answer).run(asgi)

    async def _reserve(self, entry: QuotaRequest, scope: Scope) -> Reservation:
        now = self.context.clock.now
        passage = scope["passage"] = await reserve_quota(self.context.quota, entry, self.dialect.name, now())
        set_limit_headers(metadata_of(scope), passage, self.dialect.name, now)
        return passage

    def _remember(self, ask: InferenceRequest, case: DirectContext, caller: Caller) -> Remember:
        """The callback stores the conversation for `previous_response_id`."""
        if self.dialect.name != "responses" or not is_storable(ask):
            return keep_nothing
        conversations = conversations_of(self.context)
        person = DataSubject(caller.tenant, case.requester.subject, self.context.clock.now())

        async def remember(said: ModelOutput) -> None:
            await conversations.store(caller, person, case.response_id, turns_with(ask, said.text, said.calls))

        return remember

    def _case(
        self, ask: InferenceRequest, decision: ToModel, scope: Scope, response_id: str, characters: int
    ) -> DirectContext:
        caller: Caller = scope["caller"]
        trace = trace_of(fields_of(scope).get("traceparent", ""))
        requester = Requester(caller.tenant, scope["subject"], trace, scope["passage"].account)
        case = DirectContext(
            response_id=response_id,
            requester=requester,
            ref=decision.ref,
            asked=decision.model,
            why=decision.why,
            clock=self.context.clock,
            input=question_in(ask.chat.messages),
            characters=characters,
            reply=RecordedReply(self.dialect.name, ask.echo),
        )
        case.most_tokens = answer_tokens(ask) or decision.options.max_tokens
        return case
