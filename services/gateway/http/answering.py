"""Who answers a request that was read, what it may take, and its answer."""

from dataclasses import dataclass
from typing import TypeAlias

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from libs.ports.identity import Caller
from libs.ports.metering import Entry, Passage
from services.gateway.direct.answer import DirectAnswer
from services.gateway.direct.line import DirectLine
from services.gateway.direct.request import Asker, DirectRequest, Remember, Said
from services.gateway.domain.ask import Ask
from services.gateway.domain.decide import Decision, ToFleet, ToModel, decide
from services.gateway.domain.dialects.dialect import Dialect
from services.gateway.domain.direct.passed import passed_headers
from services.gateway.domain.errors import invalid
from services.gateway.domain.estimate import estimated_tokens
from services.gateway.domain.trace import trace_of
from services.gateway.domain.turns_kept import turns_with, wants_keeping
from services.gateway.http.arriving import Arrival
from services.gateway.http.continuing import continued, conversations_of
from services.gateway.http.fleet import FleetAnswer
from services.gateway.http.front import Front
from services.gateway.http.known import mark_known
from services.gateway.http.marks import marks_of
from services.gateway.http.metered import entered, note_limits

Asgi: TypeAlias = tuple[Scope, Receive, Send]


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers the requests of one protocol."""

    front: Front
    dialect: Dialect

    async def answer(self, ask: Ask, arrival: Arrival, asgi: Asgi) -> None:
        """Let the fleet answer, or one model. Raises RequestRefused when nobody may or can."""
        front, direct = self.front, self.front.direct
        ask = await continued(front, ask, asgi[0]["caller"])
        models = direct.models if direct is not None else None
        decision = decide(ask, asgi[0]["caller"], front.rules.limits, models, front.menu)
        match decision:
            case ToModel() if ask.background:
                raise invalid("One model alone is not asked in the background.", param="background")
            case ToModel() if direct is not None:
                await self._by_model(ask, decision, direct, (arrival, asgi))
            case ToFleet():
                await self._by_fleet(ask, decision, arrival, asgi)

    async def _by_fleet(self, ask: Ask, decision: ToFleet, arrival: Arrival, asgi: Asgi) -> None:
        seat = arrival.for_fleet()
        passage = await self._entered(seat.response_id, ask, decision, asgi[0])
        try:
            await FleetAnswer(self.front, self.dialect, ask, decision).give(seat, asgi)
        finally:
            passage.settle(seat.usage)

    async def _by_model(self, ask: Ask, decision: ToModel, line: DirectLine, came: tuple[Arrival, Asgi]) -> None:
        arrival, asgi = came
        response_id = arrival.seat.response_id
        place = arrival.for_model(line)
        mark_known(asgi[0], "bypass")
        passage = await self._entered(response_id, ask, decision, asgi[0])
        asker = self._asker(ask, asgi[0], passage)
        request = DirectRequest(response_id, ask, decision, asker, self.front.clock)
        if self.dialect.name == "responses" and wants_keeping(ask):
            request.remember = self._remembering(ask, response_id, asgi[0]["caller"])
        try:
            await DirectAnswer(line, self.dialect, request, place).give(asgi)
        finally:
            passage.settle(request.usage)

    async def _entered(self, response_id: str, ask: Ask, decision: Decision, scope: Scope) -> Passage:
        tokens = estimated_tokens(ask, fleet=isinstance(decision, ToFleet))
        entry = Entry(scope["caller"], response_id, tokens, decision.model, ask.stream)
        now = self.front.clock.now
        passage = scope["passage"] = await entered(self.front.metering, entry, self.dialect.name, now())
        note_limits(marks_of(scope), passage, self.dialect.name, now)
        return passage

    def _remembering(self, ask: Ask, response_id: str, caller: Caller) -> Remember:
        """Return what keeps the conversation, for `previous_response_id`."""
        conversations = conversations_of(self.front)

        async def remember(said: Said) -> None:
            await conversations.keep(caller, response_id, turns_with(ask, said.text, said.calls))

        return remember

    def _asker(self, ask: Ask, scope: Scope, passage: Passage) -> Asker:
        caller: Caller = scope["caller"]
        subject = self.front.subject_of(caller, ask.chat.user or "")
        trace = trace_of(Headers(scope=scope).get("traceparent", ""))
        return Asker(caller.tenant, subject, trace, passage.account, passed_headers(scope["headers"]))
