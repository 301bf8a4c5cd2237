"""Who answers a request that was read, what it may take, and its answer."""

from dataclasses import dataclass
from typing import TypeAlias

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from libs.ports.identity import Caller
from libs.ports.metering import Entry, Passage
from services.gateway.direct.answer import DirectAnswer
from services.gateway.direct.line import DirectLine
from services.gateway.direct.request import Asker, DirectRequest
from services.gateway.domain.ask import Ask
from services.gateway.domain.decide import ToFleet, ToModel, decide
from services.gateway.domain.dialects.dialect import Dialect
from services.gateway.domain.estimate import estimated_tokens
from services.gateway.domain.trace import trace_of
from services.gateway.http.arriving import Arrival
from services.gateway.http.fleet import FleetAnswer
from services.gateway.http.front import Front
from services.gateway.http.known import mark_known
from services.gateway.http.metered import entered, telling_limits

Asgi: TypeAlias = tuple[Scope, Receive, Send]


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers the requests of one protocol."""

    front: Front
    dialect: Dialect

    async def answer(self, ask: Ask, arrival: Arrival, asgi: Asgi) -> None:
        """Let the fleet answer, or one model. Raises RequestRefused when nobody may or can."""
        front, direct = self.front, self.front.direct
        models = direct.models if direct is not None else None
        decision = decide(ask, asgi[0]["caller"], front.rules.limits, models, front.menu)
        match decision:
            case ToModel() if direct is not None:
                await self._by_model(ask, decision, direct, (arrival, asgi))
            case ToFleet():
                await self._by_fleet(ask, decision, arrival, asgi)

    async def _by_fleet(self, ask: Ask, decision: ToFleet, arrival: Arrival, asgi: Asgi) -> None:
        seat = arrival.for_fleet()
        passage = await self._entered(seat.response_id, ask, asgi[0], fleet=True)
        try:
            await FleetAnswer(self.front, self.dialect, ask, decision).give(seat, self._metered(asgi, passage))
        finally:
            passage.settle(seat.usage)

    async def _by_model(self, ask: Ask, decision: ToModel, line: DirectLine, came: tuple[Arrival, Asgi]) -> None:
        arrival, asgi = came
        response_id = arrival.seat.response_id
        place = arrival.for_model(line)
        mark_known(asgi[0], "bypass")
        passage = await self._entered(response_id, ask, asgi[0], fleet=False)
        asker = self._asker(ask, asgi[0], passage)
        request = DirectRequest(response_id, ask, decision, asker, self.front.clock)
        try:
            await DirectAnswer(line, self.dialect, request, place).give(self._metered(asgi, passage))
        finally:
            passage.settle(request.usage)

    async def _entered(self, response_id: str, ask: Ask, scope: Scope, *, fleet: bool) -> Passage:
        tokens = estimated_tokens(ask, fleet=fleet)
        entry = Entry(scope["caller"], response_id, tokens, ask.model, ask.stream)
        return await entered(self.front.metering, entry, self.dialect.name, self.front.clock.now())

    def _metered(self, asgi: Asgi, passage: Passage) -> Asgi:
        scope, receive, send = asgi
        scope["passage"] = passage
        return scope, receive, telling_limits(send, passage, self.dialect.name, self.front.clock.now)

    def _asker(self, ask: Ask, scope: Scope, passage: Passage) -> Asker:
        caller: Caller = scope["caller"]
        subject = self.front.subject_of(caller, ask.chat.user or "")
        trace = trace_of(Headers(scope=scope).get("traceparent", ""))
        return Asker(caller.tenant, subject, trace, passage.account)
