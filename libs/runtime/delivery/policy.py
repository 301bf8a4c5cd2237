"""The handling policy of every handler on every transport: checks, outcomes, retries, deduplication."""

import asyncio
import logging
from dataclasses import dataclass

from libs.contracts.message import Message
from libs.contracts.record import Record
from libs.core.errors import FleetError, Rejected, Retryable, Unacceptable
from libs.core.reads import ReadLog, recording_reads
from libs.runtime.delivery.attempt import Attempts, is_command
from libs.runtime.delivery.dead_letter_publisher import DeadLetterPublisher, publish_end
from libs.runtime.delivery.deduplication import DeduplicationCache
from libs.runtime.delivery.outcomes import Bug, end_of, is_left_to_the_join
from libs.runtime.delivery.output_metadata import OutputMetadata, waited_ms
from libs.runtime.delivery.retry_headers import RetryHeaders, first_attempt_at, to_retry_topic
from libs.runtime.delivery.retry_policy import (
    AttemptHistory,
    RetryDecision,
    RetryLater,
    StopRetrying,
    next_step,
    next_step_in_place,
)
from libs.runtime.messaging.bus import Delivery
from libs.runtime.messaging.codec import read
from libs.runtime.telemetry import RETRIED, handled, handling_seconds, response_id_of_task

log = logging.getLogger(__name__)
REMEMBERED = 20_000  # events; redelivery follows within seconds of a crash or a rebalance


@dataclass(slots=True)
class WorkItem:
    """A message in work: `attempts` made so far, the first one at `first_at`; `metadata` is that of the last one."""

    record: Record
    message: Message
    attempts: int
    first_at: float
    metadata: OutputMetadata

    @property
    def schema(self) -> str:
        return self.message.envelope.schema


class HandlerPolicy:
    """Runs one handler of one service. An instance is a `RecordHandler`.

    done      the handler returned: its outputs are acknowledged, then its input counts as done
    rejected  a malformed or unsigned record is dead-lettered; a refusal or a missed deadline ends the request or part,
              except for a request that was late: the join ends it
    retry     a dependency is unavailable: once more in place, then over the retry topics; a dead letter when attempts
              are exhausted
    bug       anything else: logged with traceback, dead-lettered, and the request or part is ended

    Only a command has a deadline, can be cancelled, waits on retry topics and ends its request by failing. A fact stays
    true and keeps its order: the end of an expired or cancelled request is still handled, and a failed handling of an
    answer does not revoke the answer.

    A tail dead-letters nothing: another service's group or the journal does so for its topic.
    """

    def __init__(self, attempts: Attempts, *, tail: bool = False) -> None:
        self._service = attempts.service
        self._context = attempts.context
        self._attempts = attempts
        self._dead_letters = None if tail else DeadLetterPublisher(attempts.service, attempts.context)
        self._deduplication = DeduplicationCache(REMEMBERED)

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
        return (
            read(record, self._context.signer) if self._dead_letters is None else await self._dead_letters.read(record)
        )

    def _work_on(self, record: Record, message: Message) -> WorkItem:
        now = self._context.clock.now()
        stamp = OutputMetadata(ReadLog(), waited_ms(record, message.envelope, now))
        return WorkItem(record, message, message.envelope.attempt, first_attempt_at(record, now), stamp)

    async def _settle(self, work: WorkItem) -> None:
        envelope = work.message.envelope
        if self._deduplication.knows(envelope):
            self._attempts.count(work.message, "repeated")
            return
        self._deduplication.begin(envelope)
        response_id_of_task.set(envelope.response_id)
        try:
            with handling_seconds(self._service, envelope.schema).time():
                await self._try(work)
        except BaseException:
            self._deduplication.forget(envelope)
            raise

    async def _try(self, work: WorkItem) -> None:
        """Make attempts until the work is done, forwarded to a retry topic, or dropped."""
        while (error := await self._attempt(work)) is not None:
            step = self._next_step(work, error)
            if isinstance(step, StopRetrying):
                return await self._give_up(work, error, step)
            log.warning("%s: attempt %d at %s failed: %s", self._service, work.attempts, work.schema, error)
            RETRIED.labels(self._service, work.schema).inc()
            if isinstance(step, RetryLater):
                return await self._pass_on(work, error, step)
            await asyncio.sleep(step.pause_s)
            work.attempts += 1
        self._deduplication.settle(work.message.envelope)
        return self._record_success()

    async def _attempt(self, work: WorkItem) -> FleetError | None:
        with recording_reads() as tape:
            work.metadata = OutputMetadata(tape, work.metadata.waited_ms)
            return await self._attempts.make(work.message, work.metadata)

    def _next_step(self, work: WorkItem, error: FleetError) -> RetryDecision:
        if not isinstance(error, Retryable):
            return StopRetrying(exhausted=False)
        if not is_command(work.message):
            return next_step_in_place(self._context.retries, work.attempts)
        deadline_at = work.message.envelope.deadline_at
        tried = AttemptHistory(work.attempts, work.first_at, deadline_at, getattr(error, "retry_after_s", None) or 0.0)
        return next_step(self._context.retries, tried, self._context.clock.now())

    async def _pass_on(self, work: WorkItem, error: FleetError, step: RetryLater) -> None:
        """Forward a command to a retry topic; the relay returns it when it is due."""
        wait = RetryHeaders(step.topic, work.attempts, work.first_at, step.due_at)
        try:
            await self._context.forward(to_retry_topic(work.record, work.message, wait))
        except Rejected:  # too large with the added headers
            await self._give_up(work, error, StopRetrying(exhausted=True))
        else:
            self._attempts.count(work.message, "passed_on")
            self._record_success()

    async def _give_up(self, work: WorkItem, error: FleetError, step: StopRetrying) -> None:
        message = work.message
        log.warning("%s gave up %s: %s", self._service, message.envelope.schema, error)
        self._attempts.count(message, error.code)
        if isinstance(error, Bug | Unacceptable) or step.exhausted:
            await self._publish_dead_letter(work, error)
        else:
            self._deduplication.settle(message.envelope)
            self._record_success()
        if is_command(message) and not is_left_to_the_join(message, error):
            await publish_end(self._context, work.metadata.attach_to(end_of(message, error)))

    async def _publish_dead_letter(self, work: WorkItem, error: FleetError) -> None:
        """Publish the dead letter. A dead letter may be replayed, so the attempt is not remembered as done."""
        if self._dead_letters is None:
            return
        if isinstance(error, Bug):
            self._dead_letters.circuit_breaker.record_dead_letter()
        failure = self._dead_letters.failure_context(error, work.first_at, work.attempts)
        await self._dead_letters.publish_dead_letter(work.record, work.message, failure, work.metadata)
        self._deduplication.forget(work.message.envelope)

    def _record_success(self) -> None:
        if self._dead_letters is not None:
            self._dead_letters.circuit_breaker.record_success()
