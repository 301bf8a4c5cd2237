"""A request that one model answers, from the call to the record of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeAlias

from starlette.types import Receive, Scope, Send

from libs.contracts.answer import Outcome
from services.gateway.direct.asking import TROUBLE, Trouble, asked, failure_of
from services.gateway.direct.desk import Place
from services.gateway.direct.line import DirectLine
from services.gateway.direct.request import DirectRequest, Said, new_call_id
from services.gateway.direct.streaming import DirectStream
from services.gateway.direct.watch import Patience, Stopped, Watch
from services.gateway.domain.dialects.dialect import Dialect
from services.gateway.domain.direct.spent import Spent
from services.gateway.domain.direct.thoughts import without_thoughts
from services.gateway.domain.direct.whole import WholeAnswer, read_whole
from services.gateway.http.answers import identify, refusal, send_json
from services.gateway.http.marks import marks_of

Asgi: TypeAlias = tuple[Scope, Receive, Send]


@dataclass(frozen=True, slots=True)
class DirectAnswer:
    """One request. Its record is written before the client has the last of its answer."""

    line: DirectLine
    dialect: Dialect
    request: DirectRequest
    place: Place

    async def give(self, asgi: Asgi) -> None:
        """Ask the model and answer with what it says."""
        ref = self.request.decision.ref
        marks_of(asgi[0]).experts = (f"{ref.model}@{ref.server}",)
        try:
            await (self._stream(asgi) if self.request.ask.stream else self._whole(asgi))
        finally:  # a bug is no reason to forget what the request took
            if self.request.usage is None:
                self._record("failed", Said())

    async def _whole(self, asgi: Asgi) -> None:
        scope, receive, send = asgi
        try:
            with self._watched(Watch(self._patience, receive, self.line.tasks)):
                answer = await self._read()
        except TROUBLE as trouble:
            marks_of(scope).waited("model")
            await self._fail(trouble, asgi)
            return
        marks_of(scope).waited("model")
        said = Said(answer.text, answer.calls, answer.finish, answer.characters, answer.spent)
        spent = self._record("answered", said)
        head = self.request.head
        chat = self.dialect.name == "chat"
        body = answer.chat_body(head, spent) if chat else self.dialect.whole(head, answer.reply(spent))
        await self.request.remember(said)
        await send_json(send, body, self.request.response_id)

    async def _read(self) -> WholeAnswer:
        async with await asked(self.line, self.request) as exchange:
            answer = read_whole(await exchange.body(self.line.rules.answer_bytes), new_call_id)
        shown = self.request.decision.manner.shows_thinking
        return answer if shown else replace(answer, told=without_thoughts(answer.told))

    async def _stream(self, asgi: Asgi) -> None:
        scope, receive, send = asgi
        stream = DirectStream(self.request, self.dialect, send)
        watch: Watch | None = None

        def quiet() -> None:
            if watch is not None:
                self.line.tasks.start(stream.sign_of_life(watch))

        watch = Watch(self._patience, receive, self.line.tasks, quiet)
        try:
            with self._watched(watch):
                async with await asked(self.line, self.request) as exchange:
                    marks_of(scope).waited("model")
                    await stream.pipe(exchange, watch, self.line.rules.answer_bytes)
                    exchange.leave(self.line.tasks)
        except TROUBLE as trouble:
            if not (isinstance(trouble, Stopped) and stream.complete(trouble)):
                await self._cut(stream, trouble, asgi)
                return
        ending = stream.writer.ending(self._record("answered", stream.said))
        await self.request.remember(stream.said)
        await stream.close(ending, self._patience.write_s)

    async def _cut(self, stream: DirectStream, trouble: Trouble, asgi: Asgi) -> None:
        if not stream.began:
            await self._fail(trouble, asgi)
            return
        failed = failure_of(trouble, self.request.response_id)
        self._record(failed.outcome if failed is not None else "cancelled", stream.said)
        if failed is not None:
            await stream.close(stream.failed(failed.error), self._patience.write_s)

    async def _fail(self, trouble: Trouble, asgi: Asgi) -> None:
        """Answer with an error, as nothing was answered yet; who has gone is answered nothing."""
        response_id = self.request.response_id
        failed = failure_of(trouble, response_id)
        self._record(failed.outcome if failed is not None else "cancelled", Said())
        if failed is not None:
            await identify(refusal(failed.error, self.dialect, response_id), response_id)(*asgi)

    def _record(self, outcome: Outcome, said: Said) -> Spent:
        spent = self.request.spent(said)
        self.line.books.write(self.request.record(outcome, said, spent))
        return spent

    @property
    def _patience(self) -> Patience:
        return self.line.rules.patience(self.request.decision.why)

    @contextmanager
    def _watched(self, watch: Watch) -> Iterator[None]:
        """Watch what the block does: its client, its time, and the stop of the gateway."""
        with watch:
            self.place.watch = watch
            try:
                yield
            finally:
                self.place.watch = None
