"""Who answers a request that was read, what it may take, and its answer."""

from dataclasses import dataclass

from starlette.types import Scope

from libs.ports.identity import Caller
from libs.ports.metering import Entry, Passage
from libs.ports.notes import Person
from services.gateway.direct.answer import DirectAnswer
from services.gateway.direct.call import DirectCall
from services.gateway.direct.case import Asker, DirectCase, Said
from services.gateway.direct.line import DirectLine
from services.gateway.direct.request import DirectRequest, Remember, nothing_more
from services.gateway.domain.ask import Ask
from services.gateway.domain.decide import ToFleet, ToModel, check_model, decide
from services.gateway.domain.dialects.dialect import Dialect
from services.gateway.domain.direct.kept import Kept
from services.gateway.domain.direct.passed import passed_headers
from services.gateway.domain.direct.texts import question_in
from services.gateway.domain.estimate import estimated_tokens, prompt_characters
from services.gateway.domain.trace import trace_of
from services.gateway.domain.turns_kept import turns_with, wants_keeping
from services.gateway.http.answers import send_json
from services.gateway.http.arriving import Arrival
from services.gateway.http.continuing import continued, conversations_of
from services.gateway.http.fields import fields_of
from services.gateway.http.fitting import within_window
from services.gateway.http.fleet import FleetAnswer
from services.gateway.http.front import Front
from services.gateway.http.going_on import Asgi, Rest
from services.gateway.http.known import mark_known
from services.gateway.http.later import LaterAnswer
from services.gateway.http.marks import marks_of
from services.gateway.http.metered import entered, note_limits


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers the requests of one protocol."""

    front: Front
    dialect: Dialect

    async def answer(self, ask: Ask, arrival: Arrival, asgi: Asgi) -> Rest | None:
        """Let the fleet answer, or one model; return what is left to do of a stream that has begun.

        Raises RequestRefused when nobody may or can.
        """
        front, direct = self.front, self.front.direct
        if front.menu.templates is not None and not front.menu.templates.loaded:
            await front.menu.templates.first_look()
        models = direct.models if direct is not None else None
        if ask.at_once:
            check_model(ask.model, asgi[0]["caller"], models, front.menu)
            await send_json(asgi[2], ask.at_once, arrival.response_id)
            return None
        ask = await continued(front, ask, asgi[0]["caller"])
        decision = decide(ask, asgi[0]["caller"], front.rules.limits, models, front.menu)
        decision = await within_window(ask, decision)
        match decision:
            case ToModel() if direct is not None:
                return await self._by_model(ask, decision, direct, (arrival, asgi))
            case ToFleet():
                await self._by_fleet(ask, decision, arrival, asgi)
        return None

    async def _by_fleet(self, ask: Ask, decision: ToFleet, arrival: Arrival, asgi: Asgi) -> None:
        seat = arrival.for_fleet()
        tokens = estimated_tokens(ask, prompt_characters(ask.raw), fleet=True)
        entry = Entry(asgi[0]["caller"], seat.response_id, tokens, decision.priced_as, ask.stream)
        passage = await self._entered(entry, asgi[0])
        try:
            await FleetAnswer(self.front, self.dialect, ask, decision).give(seat, asgi)
        finally:
            passage.settle(seat.usage)

    async def _by_model(self, ask: Ask, decision: ToModel, line: DirectLine, came: tuple[Arrival, Asgi]) -> Rest | None:
        arrival, asgi = came
        scope = asgi[0]
        arrival.for_model(line)
        mark_known(scope, "bypass")
        characters = prompt_characters(ask.raw)
        tokens = estimated_tokens(ask, characters, fleet=False)
        entry = Entry(scope["caller"], arrival.response_id, tokens, decision.priced_as, ask.stream)
        passage = await self._entered(entry, scope)
        case = self._case(ask, decision, scope, arrival.response_id, characters)
        headers = passed_headers(scope["headers"])
        request = DirectRequest(ask, decision.manner, case, headers, self._remember(ask, case, scope["caller"]))
        call = DirectCall(line, case, arrival.hand_over(), passage)
        answer = DirectAnswer(call, self.dialect, request)
        return await (LaterAnswer(self.front, answer) if ask.background else answer).give(asgi)

    async def _entered(self, entry: Entry, scope: Scope) -> Passage:
        now = self.front.clock.now
        passage = scope["passage"] = await entered(self.front.metering, entry, self.dialect.name, now())
        note_limits(marks_of(scope), passage, self.dialect.name, now)
        return passage

    def _remember(self, ask: Ask, case: DirectCase, caller: Caller) -> Remember:
        """Return what keeps the conversation, for `previous_response_id`."""
        if self.dialect.name != "responses" or not wants_keeping(ask):
            return nothing_more
        conversations = conversations_of(self.front)
        person = Person(caller.tenant, case.asker.subject, self.front.clock.now())

        async def remember(said: Said) -> None:
            await conversations.keep(caller, person, case.response_id, turns_with(ask, said.text, said.calls))

        return remember

    def _case(self, ask: Ask, decision: ToModel, scope: Scope, response_id: str, characters: int) -> DirectCase:
        caller: Caller = scope["caller"]
        trace = trace_of(fields_of(scope).get("traceparent", ""))
        asker = Asker(caller.tenant, scope["subject"], trace, scope["passage"].account)
        return DirectCase(
            response_id,
            asker,
            decision.ref,
            decision.model,
            decision.why,
            self.front.clock,
            question_in(ask.chat.messages),
            characters,
            Kept(self.dialect.name, ask.echo),
        )
