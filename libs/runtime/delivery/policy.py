"""One policy for every handler on every transport: checks, four outcomes, acknowledged outputs, then done.

done      the handler returned: its outputs are acknowledged, then its input counts as done
rejected  a record that is malformed or not ours becomes a dead letter; a refusal, or a deadline that is over, is the
          end of the request or part; of a request that came too late the join has said it
retry     the world is down: once more in place, then over the retry topics; a dead letter when attempts are exhausted
bug       anything else: logged with traceback, a dead letter, and the request or part gets its end

Only a command has a deadline, can be cancelled, waits on retry topics and ends its request by failing. A fact stays
true and keeps its place: the end of an expired or cancelled request must still be heard, and whoever fails to learn
from an answer does not take it back.
"""

import asyncio
import logging
from dataclasses import dataclass

from libs.contracts.message import Message
from libs.contracts.record import Record
from libs.core.errors import FleetError, Rejected, Retryable, Unacceptable
from libs.core.reads import ReadLog, recording_reads
from libs.runtime.delivery.attempt import Attempts, is_command
from libs.runtime.delivery.dead_letter_publisher import Warden, tell
from libs.runtime.delivery.deduplication import WorkDone
from libs.runtime.delivery.outcomes import Bug, end_of, is_left_to_the_join
from libs.runtime.delivery.output_metadata import Stamp, waited_ms
from libs.runtime.delivery.retry_headers import Wait, first_attempt_at, waiting
from libs.runtime.delivery.retry_policy import GiveUp, Later, Step, Tried, next_step, next_step_in_place
from libs.runtime.messaging.bus import Delivery
from libs.runtime.messaging.codec import read
from libs.runtime.telemetry import RETRIED, handled, handling_seconds, response_id_of_task

log = logging.getLogger(__name__)
REMEMBERED = 20_000  # events; what comes again, comes within seconds of a crash or a move


@dataclass(slots=True)
class Work:
    """A message in work: `attempts` made so far, the first one at `first_at`; `stamp` is that of the last one."""

    record: Record
    message: Message
    attempts: int
    first_at: float
    stamp: Stamp

    @property
    def schema(self) -> str:
        return self.message.envelope.schema


class HandlerPolicy:
    """Runs one handler of one service. An instance is a `Process`.

    `warden` answers for the topic; a tail has none, as another service's group or the journal does.
    """

    def __init__(self, attempts: Attempts, *, tail: bool = False) -> None:
        self._service = attempts.service
        self._place = attempts.place
        self._attempts = attempts
        self._warden = None if tail else Warden(attempts.service, attempts.place)
        self._done = WorkDone(REMEMBERED)

    async def __call__(self, delivery: Delivery) -> None:
        """Settle one delivery. Returns without `done` only when this task was cancelled.

        Raises TooManyDeadLetters: then nothing may be committed past this record.
        """
        message = await self._read(delivery.record)
        if message is None:
            handled(self._service, delivery.record.topic, "malformed").inc()
        else:
            await self._settle(self._work_on(delivery.record, message))
        delivery.done()

    async def _read(self, record: Record) -> Message | None:
        return read(record, self._place.signer) if self._warden is None else await self._warden.read(record)

    def _work_on(self, record: Record, message: Message) -> Work:
        now = self._place.clock.now()
        stamp = Stamp(ReadLog(), waited_ms(record, message.envelope, now))
        return Work(record, message, message.envelope.attempt, first_attempt_at(record, now), stamp)

    async def _settle(self, work: Work) -> None:
        envelope = work.message.envelope
        if self._done.knows(envelope):
            self._attempts.count(work.message, "repeated")
            return
        self._done.begin(envelope)
        response_id_of_task.set(envelope.response_id)
        try:
            with handling_seconds(self._service, envelope.schema).time():
                await self._try(work)
        except BaseException:
            self._done.forget(envelope)
            raise

    async def _try(self, work: Work) -> None:
        """Make attempts until the work is done, passed on to a retry topic, or given up."""
        while (error := await self._attempt(work)) is not None:
            step = self._next_step(work, error)
            if isinstance(step, GiveUp):
                return await self._give_up(work, error, step)
            log.warning("%s: attempt %d at %s failed: %s", self._service, work.attempts, work.schema, error)
            RETRIED.labels(self._service, work.schema).inc()
            if isinstance(step, Later):
                return await self._pass_on(work, error, step)
            await asyncio.sleep(step.pause_s)
            work.attempts += 1
        self._done.settle(work.message.envelope)
        return self._note_good()

    async def _attempt(self, work: Work) -> FleetError | None:
        with recording_reads() as tape:
            work.stamp = Stamp(tape, work.stamp.waited_ms)
            return await self._attempts.make(work.message, work.stamp)

    def _next_step(self, work: Work, error: FleetError) -> Step:
        if not isinstance(error, Retryable):
            return GiveUp(exhausted=False)
        if not is_command(work.message):
            return next_step_in_place(self._place.retries, work.attempts)
        deadline_at = work.message.envelope.deadline_at
        tried = Tried(work.attempts, work.first_at, deadline_at, getattr(error, "retry_after_s", None) or 0.0)
        return next_step(self._place.retries, tried, self._place.clock.now())

    async def _pass_on(self, work: Work, error: FleetError, step: Later) -> None:
        """Put a command onto a retry topic; the merger's relay brings it back when it is due."""
        wait = Wait(step.topic, work.attempts, work.first_at, step.due_at)
        try:
            await self._place.forward(waiting(work.record, work.message, wait))
        except Rejected:  # too large with the headers that it gets
            await self._give_up(work, error, GiveUp(exhausted=True))
        else:
            self._attempts.count(work.message, "passed_on")
            self._note_good()

    async def _give_up(self, work: Work, error: FleetError, step: GiveUp) -> None:
        message = work.message
        log.warning("%s gave up %s: %s", self._service, message.envelope.schema, error)
        self._attempts.count(message, error.code)
        if isinstance(error, Bug | Unacceptable) or step.exhausted:
            await self._bury(work, error)
        else:
            self._done.settle(message.envelope)
            self._note_good()
        if is_command(message) and not is_left_to_the_join(message, error):
            await tell(self._place, work.stamp.on(end_of(message, error)))

    async def _bury(self, work: Work, error: FleetError) -> None:
        """Write the dead letter. What was buried may be replayed, so it is not remembered as done."""
        if self._warden is None:
            return
        if isinstance(error, Bug):
            self._warden.breaker.dead()
        given = self._warden.given(error, work.first_at, work.attempts)
        await self._warden.bury(work.record, work.message, given, work.stamp)
        self._done.forget(work.message.envelope)

    def _note_good(self) -> None:
        if self._warden is not None:
            self._warden.breaker.good()
