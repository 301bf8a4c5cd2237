"""An answer of the fleet: accepted on the log, then streamed or given whole."""

from dataclasses import dataclass

from starlette.types import Scope

from libs.contracts.answer import AnswerFinished
from libs.contracts.envelope import Envelope
from libs.contracts.progress import RequestOpened
from libs.ports.answers import ResponseState
from libs.ports.identity import Caller
from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.response_body import response_body
from services.gateway.domain.question.ask import Ask
from services.gateway.domain.question.sessions import named_session, session_of
from services.gateway.domain.question.trace import trace_of
from services.gateway.domain.routing.answer_cache import KnownAnswer, end_of
from services.gateway.domain.routing.decide import ToFleet
from services.gateway.http.detached_body import Asgi
from services.gateway.http.header_fields import fields_of
from services.gateway.http.response_metadata import marks_of
from services.gateway.http.responses import identify, json_response
from services.gateway.pipeline.acceptance import accept, cancel
from services.gateway.pipeline.accepted_request import Ticket, head_of
from services.gateway.pipeline.answer_cache import give_known, known_question, mark_known
from services.gateway.pipeline.app_context import Front
from services.gateway.pipeline.streaming import StreamReply
from services.gateway.pipeline.whole import mark_end, whole_end, whole_response
from services.gateway.replies.pending_reply import End, Ending, Seat


@dataclass(frozen=True, slots=True)
class FleetAnswer:
    """One request that the fleet answers."""

    front: Front
    dialect: Dialect
    ask: Ask
    decision: ToFleet

    async def give(self, seat: Seat, asgi: Asgi) -> None:
        """Answer with what is known, or accept the request and answer it. Raises RequestRefused when it could not be
        accepted."""
        tenant, known = seat.tenant, self.front.known
        question = known_question(self.decision, self.ask, asgi[0])
        if question and (answer := await known.find(tenant, question)) is not None:
            await self._known(seat, answer, asgi)
            await known.given(tenant, question, seat.response_id)
            return
        if question:
            mark_known(asgi[0], "miss")
        end = await self._asked(seat, asgi)
        if question and isinstance(end, AnswerFinished):
            await known.keep(tenant, question, end)

    async def _known(self, seat: Seat, answer: KnownAnswer, asgi: Asgi) -> None:
        mark_known(asgi[0], "hit")
        opened = seat.opened = self._request(seat, asgi[0])
        end = end_of(answer).after(opened)
        self.front.known.record(opened, end)
        await give_known(self.front.rules, self._ticket(seat, opened), end, asgi, stream=self.ask.stream)

    async def _asked(self, seat: Seat, asgi: Asgi) -> End:
        if self.ask.stream:
            return await self._stream(seat, asgi)
        return await (self._later(seat, asgi) if self.ask.background else self._whole(seat, asgi))

    async def _later(self, seat: Seat, asgi: Asgi) -> End:
        """Answer at once that the request was accepted. It keeps its place until its end, as any other."""
        scope, receive, send = asgi
        ticket = await self._accepted(seat, scope)
        queued = json_response(response_body(ticket.opened, ResponseState(ticket.opened)))
        await identify(queued, ticket.head.id)(scope, receive, send)
        return await seat.end()

    def _comes_back(self, scope: Scope) -> bool:
        """Return whether the client will ask for the answer later: in the background, or under its key."""
        return self.ask.background or "fingerprint" in scope

    async def _stream(self, seat: Seat, asgi: Asgi) -> End:
        scope, receive, send = asgi
        async with self.front.deltas.follow(seat.response_id) as deltas:
            ticket = await self._accepted(seat, scope)
            end = await StreamReply(ticket, ticket.assembler(), send, self.front.rules).run(receive, deltas)
        if end is Ending.CLIENT_GONE and not self._comes_back(scope):
            await cancel(self.front, ticket.opened, "client disconnected")
        return end

    async def _whole(self, seat: Seat, asgi: Asgi) -> End:
        scope, receive, send = asgi
        ticket = await self._accepted(seat, scope)
        end = await whole_end(ticket, receive)
        if end is Ending.CLIENT_GONE and not self._comes_back(scope):
            await cancel(self.front, ticket.opened, "client disconnected")
        mark_end(marks_of(scope), end)
        if (response := whole_response(ticket, end)) is not None:
            await response(scope, receive, send)
        return end

    async def _accepted(self, seat: Seat, scope: Scope) -> Ticket:
        rules = self.front.rules
        seat.expire_in(self._left_s(scope) + rules.late_s)
        opened = seat.opened = await accept(self.front, self._request(seat, scope))
        marks_of(scope).step("accept")
        return self._ticket(seat, opened)

    def _ticket(self, seat: Seat, opened: RequestOpened) -> Ticket:
        head = head_of(opened, seat, include_usage=self.ask.include_usage)
        return Ticket(seat, self.dialect, head, opened)

    def _request(self, seat: Seat, scope: Scope) -> RequestOpened:
        caller: Caller = scope["caller"]
        now = self.front.clock.now()
        envelope = Envelope(
            event_id="",
            response_id=seat.response_id,
            tenant=caller.tenant,
            causation_id="",
            deadline_at=now + self._left_s(scope),
            schema="",
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
        ).opening(envelope)

    def _left_s(self, scope: Scope) -> float:
        """Return the time until the deadline: what a request waited in the queue counts."""
        waited_s: float = scope.get("waited_s", 0.0)
        return max(0.0, self.front.rules.request_timeout_s - waited_s)

    def _session(self, scope: Scope) -> str:
        named = named_session(fields_of(scope), self.ask.session)
        return session_of(named, self.ask.chat.messages, scope["caller"], self.front.pseudonym_keys.current)
