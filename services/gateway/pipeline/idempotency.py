"""One answer for all requests of a person with one Idempotency-Key and one body, on any gateway.

The first request claims the key after permissions, rates and budgets admit it: a rejected request stores nothing. Later
requests follow its response on the log, and take one request of the rate. The log does not hold an answer of one model
in the form that was sent, so that answer is stored encrypted. A claim without a result is released, because the request
failed or its gateway died before acceptance; the next request is then the first one.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import TypeAlias

from starlette.types import Message

from libs.core.tasks import TaskSet
from libs.http.disconnecting import BestEffortSend, never_disconnect
from libs.http.recording import Recording, send_again
from libs.ports.key_values import ERASED, DataSubject, KeyValueStoreUnavailable
from services.gateway.domain.errors import RequestRefused, erased
from services.gateway.domain.idempotency import (
    IDEMPOTENCY_KEY,
    IdempotencyRecord,
    checked_key,
    no_promise,
    other_body,
    still_busy,
)
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.pipeline.admission import AdmissionPermit
from services.gateway.pipeline.app_context import AppContext
from services.gateway.pipeline.followed_response import replay_reply
from services.gateway.pipeline.quota import one_request
from services.gateway.pipeline.request_context import Admitted, RequestContext

KEPT_S = 24 * 3600
ALIVE_S = 15
BEAT_S = 5.0
FIRST_PAUSE_S = 0.02
LONGEST_PAUSE_S = 0.5

Admit: TypeAlias = Callable[[], Awaitable[Admitted]]
Answer: TypeAlias = Callable[[Admitted], Awaitable[None]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RequestSteps:
    """Steps of the first request: `admit` stores nothing, `answer` follows the claim of the key."""

    admit: Admit
    answer: Answer


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request with an Idempotency-Key. `name` is the entry of the key in the key-value store."""

    request: RequestContext
    record: IdempotencyRecord
    name: str
    data_subject: DataSubject
    inference: InferenceRequest

    def alive(self, claim: IdempotencyRecord) -> str:
        """Name of the entry that a gateway refreshes while it answers a claim."""
        return f"{self.name}:{claim.response_id}"

    def reply(self, claim: IdempotencyRecord) -> str:
        """Name of the entry with an answer that is on no log. It may outlive its claim."""
        return f"{self.alive(claim)}:reply"


class Idempotency:
    """Runs the first request of a key, and replays its answer to later ones."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._key_values = context.key_values
        self._personal = context.answer_cache.values
        self._beats = TaskSet(lambda error: log.error("a claim is not kept alive", exc_info=error))

    def repeatable(
        self, request: RequestContext, record: IdempotencyRecord, inference: InferenceRequest
    ) -> IdempotentRequest:
        """Equal keys of two persons are two keys. Raises RequestRefused (400)."""
        caller = request.http.caller
        key = checked_key(request.http.headers.get(IDEMPOTENCY_KEY, ""))
        whose = f"{caller.user}\0{key}".encode(errors="replace")
        name = self._personal.name(caller.tenant, "repeat", hashlib.sha256(whose).digest())
        person = DataSubject(caller.tenant, request.subject, self._context.clock.now())
        return IdempotentRequest(request, record, name, person, inference)

    async def answer(self, request: IdempotentRequest, permit: AdmissionPermit, work: RequestSteps) -> None:
        """Run `work` for the first request; replay its answer to all others. Raises RequestRefused."""
        try:
            admitted = await self._claimed(request, work.admit)
        except KeyValueStoreUnavailable as error:
            raise no_promise() from error
        if admitted is not None:
            async with self._alive(request):
                await self._first(request, permit, admitted, work.answer)

    async def _claimed(self, request: IdempotentRequest, admit: Admit) -> Admitted | None:
        """None after the answer of another request was sent."""
        while True:
            if (first := await self._stored_record(request)) is None:
                admitted = await admit()
                if (first := await self._claim(request, admitted)) is None:
                    return admitted
            async with one_request(self._context, request.request.http.scope, stream=request.inference.stream):
                if await self._follow(first, request):
                    return None

    async def _stored_record(self, request: IdempotentRequest) -> IdempotencyRecord | None:
        if (note := await self._key_values.get(request.name)) is None:
            return None
        try:
            return self._checked(request, note)
        except RequestRefused:
            async with one_request(self._context, request.request.http.scope):  # so many refusals are limited, too
                raise

    async def _claim(self, request: IdempotentRequest, admitted: Admitted) -> IdempotencyRecord | None:
        """Claim the key. Returns the claim of a faster request, and then releases the reservation of this one."""
        under, claim, won = self._personal.lists_of(request.data_subject), request.record.note(), False
        try:
            await self._beat(request)  # a request that finds the claim must find it alive
            note = await self._key_values.put_if_absent(request.name, claim, KEPT_S, under=under)
            won = note is None
            return self._checked(request, note) if note is not None else None
        finally:
            if not won:
                admitted.release()

    def _checked(self, request: IdempotentRequest, note: bytes) -> IdempotencyRecord:
        if note == ERASED:
            raise erased()
        if (first := IdempotencyRecord.read(note)) is None:
            raise no_promise()
        if first.fingerprint != request.record.fingerprint:
            raise other_body()
        return first

    async def _first(
        self, request: IdempotentRequest, permit: AdmissionPermit, admitted: Admitted, answer: Answer
    ) -> None:
        http = _ignore_disconnect(permit, request.request).http
        recording = Recording(http.send)
        recorded = request.request.connected_to(http.receive, recording)
        try:
            await answer(replace(admitted, request=recorded))
        finally:
            if not permit.accepted:
                await self._store_reply(request, recording)

    async def _store_reply(self, request: IdempotentRequest, recording: Recording) -> None:
        """Store an answer that is on no log. Without an answer, release the key for the next request."""
        try:
            if recording.whole and recording.status == 200:
                await self._personal.put(
                    request.data_subject, request.reply(request.record), recording.packed(), KEPT_S
                )
            else:
                await self._key_values.compare_and_swap(request.name, request.record.note(), b"", KEPT_S)
        except KeyValueStoreUnavailable as error:
            log.warning("%s: a repeated request will be executed again: %s", request.record.response_id, error)

    async def _follow(self, first: IdempotencyRecord, request: IdempotentRequest) -> bool:
        """Send the answer of the first request; return whether there is one. Waits while it may still arrive."""
        check, person, http = self._context.erasure_check, request.data_subject, request.request.http
        await check.require_not_erased(person.tenant, first.response_id, person.subject)
        began, pause_s = self._context.clock.monotonic(), FIRST_PAUSE_S
        while await self._key_values.get(request.name) == first.note():
            if (packed := await self._personal.get(request.data_subject.tenant, request.reply(first))) is not None:
                await send_again(packed, http.send)
                return True
            if await replay_reply(self._context, first.response_id, request.inference, http):
                return True
            if await self._key_values.get(request.alive(first)) is None:
                await self._key_values.compare_and_swap(request.name, first.note(), b"", KEPT_S)
                return False
            if self._context.clock.monotonic() - began > self._context.limits.request_timeout_s:
                raise still_busy()
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
        return False

    @asynccontextmanager
    async def _alive(self, request: IdempotentRequest) -> AsyncIterator[None]:
        beats = self._beats.start(self._beat_on(request))
        try:
            yield
        finally:
            beats.cancel()

    async def _beat_on(self, request: IdempotentRequest) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            with suppress(KeyValueStoreUnavailable):
                await self._beat(request)

    async def _beat(self, request: IdempotentRequest) -> None:
        await self._key_values.put(request.alive(request.record), b"1", ALIVE_S)


def _ignore_disconnect(permit: AdmissionPermit, request: RequestContext) -> RequestContext:
    """Hide disconnects and stalled reads of the client until the fleet has accepted the request.

    The client may request the answer of a direct call again, so its disconnect does not end the call. A request that
    the fleet has accepted continues anyway, so its client's disconnect releases the permit immediately.
    """
    receive, send = request.http.receive, request.http.send
    audience = BestEffortSend(send)

    async def receive_message() -> Message:
        message = await receive()
        disconnected = message["type"] == "http.disconnect"
        return await never_disconnect() if disconnected and not permit.accepted else message

    async def send_message(message: Message) -> None:
        await (send if permit.accepted else audience)(message)

    return request.connected_to(receive_message, send_message)
