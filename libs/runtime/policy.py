"""One policy for every handler on every transport: checks, four outcomes, acknowledged outputs, then done.

done      the handler returned: its outputs are acknowledged, then its input counts as done
rejected  the message is malformed or not ours, or its deadline is over: no retry, the request or part gets its end
retry     the world is down: tried again in place with back-off, within attempts and deadline
bug       anything else: logged with traceback, the request or part gets its end

Only a command has a deadline, can be cancelled and ends its request by failing. A fact stays true: the end of an
expired or cancelled request must still be heard, and whoever fails to learn from an answer does not take it back.
"""

import asyncio
import inspect
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import cast

from libs.contracts.catalogue import COMMANDS
from libs.contracts.message import Message
from libs.core.clock import Clock
from libs.core.errors import FleetError, Rejected, Retryable
from libs.core.reads import taped
from libs.ports.bus import Publisher
from libs.runtime.bus import Delivery
from libs.runtime.calls import Recent, RunningCalls
from libs.runtime.codec import read
from libs.runtime.outcomes import bug, end_of, expired, note_stage
from libs.runtime.service import Handler
from libs.runtime.signing import Signer
from libs.runtime.stamp import Stamp, waited_ms
from libs.runtime.telemetry import HANDLED, HANDLING_SECONDS, RETRIED, response_id_of_task

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Backoff:
    """`attempts` tries in all; the pause doubles from `first_s` up to `cap_s`, each ± 20 %."""

    attempts: int = 5
    first_s: float = 0.2
    cap_s: float = 5.0

    def pause_s(self, attempt: int) -> float:
        """Return the pause after the given attempt (counted from 1)."""
        return float(min(self.cap_s, self.first_s * 2 ** (attempt - 1)) * random.uniform(0.8, 1.2))


@dataclass(frozen=True)
class Workplace:
    """What every handler of a process shares."""

    signer: Signer
    publisher: Publisher
    clock: Clock
    calls: RunningCalls = field(default_factory=RunningCalls)
    backoff: Backoff = field(default_factory=Backoff)


class HandlerPolicy:
    """Runs one handler of one service. An instance is a `Process`."""

    def __init__(self, service: str, handler: Handler, deps: object, place: Workplace, stage_sha256: str = "") -> None:
        self._service = service
        self._handler = handler
        self._deps = deps
        self._place = place
        self._stage_sha256 = stage_sha256
        self._seen = Recent(50_000)

    async def __call__(self, delivery: Delivery) -> None:
        """Settle one delivery. Returns without `done` only when this task was cancelled."""
        message = read(delivery.record, self._place.signer)
        if message is None:
            self._count(delivery.record.topic, "malformed")
        else:
            await self._settle(message, waited_ms(delivery.record, message.envelope, self._place.clock.now()))
        delivery.done()

    async def _settle(self, message: Message, waited: int) -> None:
        envelope = message.envelope
        if envelope.event_id in self._seen:
            self._count(envelope.schema, "repeated")
            return
        self._seen.add(envelope.event_id)
        response_id_of_task.set(envelope.response_id)
        try:
            with HANDLING_SECONDS.labels(self._service, envelope.schema).time():
                await self._attempts(message, waited)
        except BaseException:
            self._seen.discard(envelope.event_id)
            raise

    async def _attempts(self, message: Message, waited: int) -> None:
        schema, attempt = message.envelope.schema, 1
        while True:
            with taped() as tape:
                note_stage(self._stage_sha256)
                stamp = Stamp(tape, waited)
                error = await self._outcome(message, stamp)
            if error is None:
                break
            pause = self._place.backoff.pause_s(attempt)
            if not isinstance(error, Retryable) or not self._may_try_again(message, attempt, pause):
                await self._give_up(message, error, stamp)
                break
            log.warning("%s: attempt %d at %s failed: %s", self._service, attempt, schema, error)
            RETRIED.labels(self._service, schema).inc()
            await asyncio.sleep(pause)
            attempt += 1

    async def _outcome(self, message: Message, stamp: Stamp) -> FleetError | None:
        try:
            await self._attempt(message, stamp)
        except (Exception, asyncio.CancelledError) as error:
            if _is_being_cancelled():
                raise asyncio.CancelledError from error
            if isinstance(error, Rejected | Retryable):
                return error
            # a stray CancelledError is a bug as well: the handler awaited something that somebody else cancelled
            log.exception("%s: a bug met %s", self._service, message.envelope.schema)
            return bug(self._service, error)
        return None

    def _may_try_again(self, message: Message, attempt: int, pause_s: float) -> bool:
        in_time = not _is_command(message) or self._seconds_left(message) > pause_s
        return attempt < self._place.backoff.attempts and in_time

    async def _attempt(self, message: Message, stamp: Stamp) -> None:
        if _is_command(message):
            await self._attempt_command(message, stamp)
        else:
            await self._call(message, stamp)
            self._count(message.envelope.schema, "done")

    async def _attempt_command(self, message: Message, stamp: Stamp) -> None:
        response_id = message.envelope.response_id
        if self._place.calls.is_cancelled(response_id):
            self._count(message.envelope.schema, "cancelled")
            return
        outcome = "cancelled"
        with self._place.calls.running(response_id):
            await self._within_deadline(message, stamp)
            outcome = "done"
        self._count(message.envelope.schema, outcome)

    async def _within_deadline(self, message: Message, stamp: Stamp) -> None:
        left = self._seconds_left(message)
        if left <= 0:
            raise expired(message.envelope.schema, begun=False)
        timeout = asyncio.timeout(left)
        try:
            async with timeout:
                await self._call(message, stamp)
        except TimeoutError as error:
            if timeout.expired():
                raise expired(message.envelope.schema, begun=True) from error
            raise

    async def _call(self, message: Message, stamp: Stamp) -> None:
        result = self._handler(message, self._deps)
        if inspect.isasyncgen(result):
            async with aclosing(cast(AsyncGenerator[Message, None], result)) as outputs:
                async for output in outputs:
                    await publish_stubbornly(self._place, stamp.on(output))
            return
        said = await cast(Awaitable[Message | Sequence[Message] | None], result)
        if said:
            several = [said] if isinstance(said, Message) else said
            await publish_stubbornly(self._place, *map(stamp.on, several))

    async def _give_up(self, message: Message, error: FleetError, stamp: Stamp) -> None:
        log.warning("%s gave up %s: %s", self._service, message.envelope.schema, error)
        self._count(message.envelope.schema, error.code)
        if not _is_command(message):
            return
        try:
            await publish_stubbornly(self._place, stamp.on(end_of(message, error)))
        except Rejected as refusal:
            log.error("%s: nobody can be told how %s ended: %s", self._service, message.envelope.schema, refusal)

    def _seconds_left(self, message: Message) -> float:
        return message.envelope.deadline_at - self._place.clock.now()

    def _count(self, schema: str, outcome: str) -> None:
        HANDLED.labels(self._service, schema, outcome).inc()


def _is_command(message: Message) -> bool:
    return isinstance(message, COMMANDS)


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def publish_stubbornly(place: Workplace, *messages: Message) -> None:
    """Publish, and try again for as long as the broker is away. Raises Rejected for what no broker takes."""
    await stubbornly(lambda: place.publisher.publish(*messages), place.backoff, "publishing waits for the broker")


async def stubbornly(work: Callable[[], Awaitable[None]], backoff: Backoff, waits: str) -> None:
    """Do the work, and try again with back-off for as long as it is `Retryable`; `waits` tells the log what waits."""
    attempt = 1
    while True:
        try:
            return await work()
        except Retryable as error:
            log.warning("%s: %s", waits, error)
            await asyncio.sleep(backoff.pause_s(attempt))
            attempt = min(attempt + 1, 10)
