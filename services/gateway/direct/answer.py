"""A request that one model answers, from the call to the record of it."""

from dataclasses import dataclass
from functools import partial

from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.direct.whole import WholeAnswer, read_whole
from services.gateway.dialects.naming import told_in
from services.gateway.direct.call import DirectCall
from services.gateway.direct.context import Said
from services.gateway.direct.detached_stream import GoingStream, cut
from services.gateway.direct.request import DirectRequest, new_call_id
from services.gateway.direct.server_permits import ServerPermit
from services.gateway.direct.streaming import DirectStream
from services.gateway.direct.upstream_call import TROUBLE, Trouble, asked
from services.gateway.direct.watchdog import Watch
from services.gateway.http.detached_body import Asgi, Rest
from services.gateway.http.response_metadata import marks_of
from services.gateway.http.responses import identify, refusal, send_json


@dataclass(slots=True)
class DirectAnswer:
    """One request. Its record is written before the client has the last of its answer."""

    call: DirectCall
    dialect: Dialect
    request: DirectRequest

    async def give(self, asgi: Asgi) -> Rest | None:
        """Ask the model and answer with what it says; return what is left to do of a stream that has begun.

        The call is closed then, or when the rest is done.
        """
        ref = self.call.case.ref
        marks_of(asgi[0]).experts = (f"{ref.model}@{ref.server}",)
        rest: Rest | None = None
        try:
            if self.request.ask.stream:
                rest = await self._stream(asgi)
            else:
                await self._whole(asgi)
        finally:
            if rest is None:
                self.call.close()
        return rest

    async def _whole(self, asgi: Asgi) -> None:
        scope, receive, send = asgi
        call = self.call
        watch = call.place.watch = Watch(call.patience, receive, call.line.tasks)
        try:
            with watch:
                answer = await self._read()
        except TROUBLE as trouble:
            marks_of(scope).waited("model")
            await self._fail(trouble, asgi)
            return
        if call.place.permit is not None:
            call.place.permit.answer_ended()
        marks_of(scope).waited("model")
        said = Said(answer.text, answer.calls, answer.finish, answer.characters, answer.spent, answer.reasoning)
        spent = await call.answered(said, self.request.remember)
        head = self.request.head
        chat = self.dialect.name == "chat"
        body = answer.chat_body(head, spent) if chat else self.dialect.whole(head, answer.reply(spent))
        await send_json(send, body, head.id)

    async def _read(self) -> WholeAnswer:
        line = self.call.line
        async with await asked(line, self.request) as exchange:
            body = await exchange.body(line.rules.answer_bytes)
        shows_cache = line.upstream(self.request.case.ref.server).shows_cache
        answer = read_whole(body, new_call_id, shows_cache=shows_cache)
        return answer.shown(thinking=self.request.manner.shows_thinking)

    async def _stream(self, asgi: Asgi) -> Rest | None:
        scope, receive, send = asgi
        call, request = self.call, self.request
        watch = call.place.watch = Watch(call.patience, receive, call.line.tasks)
        shows_cache = call.line.upstream(call.case.ref.server).shows_cache
        stream = DirectStream(request, self.dialect, watch, send, shows_cache=shows_cache)
        stream.began = marks_of(scope).begun
        if call.place.permit is not None:
            stream.on_answer = call.place.permit.answer_began
            watch.begins_early = partial(_begins_early, stream, call.place.permit)
        try:
            with watch:
                exchange = await asked(call.line, request)
                marks_of(scope).waited("model")
                await stream.begin(exchange, call.line.rules.answer_bytes)
        except TROUBLE as trouble:
            await (cut(call, stream, trouble) if stream.began else self._fail(trouble, asgi))
            return None
        return GoingStream(call, stream, request.remember).go_on

    async def _fail(self, trouble: Trouble, asgi: Asgi) -> None:
        """Answer with an error, as nothing was answered yet; who has gone is answered nothing."""
        name = self.request.head.id
        failed = self.call.ended(trouble, Said())
        if failed is not None:
            error = told_in(failed.error, self.dialect.names)
            await identify(refusal(error, self.dialect, name), name)(*asgi)


def _begins_early(stream: DirectStream, permit: ServerPermit) -> bool:
    """Return whether a client sees the beginning of its stream before its model begins to answer: those that wait for
    a permit see theirs, and what the server refuses it refuses at once."""
    return not stream.began and permit.others_wait
