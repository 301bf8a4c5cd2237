"""The relay of a retry topic: holds each command until it is due, then forwards it to its own topic."""

import asyncio

from libs.contracts.message import Message
from libs.contracts.progress import CallsMade
from libs.contracts.record import Record
from libs.contracts.reported_calls import reported_calls
from libs.core.errors import Rejected
from libs.core.reads import ReadLog, recording_reads
from libs.runtime.delivery.backoff import JITTER
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.delivery.dead_letter_publisher import DeadLetterPublisher, publish_end
from libs.runtime.delivery.outcomes import Stage, end_of, expired, is_left_to_the_join, record_stage
from libs.runtime.delivery.output_metadata import OutputMetadata
from libs.runtime.delivery.retry_headers import due_at, to_own_topic
from libs.runtime.messaging.bus import Delivery
from libs.runtime.telemetry import handled, response_id_of_task
from libs.runtime.watchdog.work import watchdog_paused

CONCURRENCY = 1000  # commands held by one process for one topic; commands behind them are late


class Relay:
    """A `RecordHandler` for one retry topic whose commands wait `pause_s` seconds, ± 20 %.

    A crash repeats at most one publication: the deduplication by event and attempt number drops the repeated attempt.
    """

    def __init__(self, stage: Stage, pause_s: float, context: RuntimeContext) -> None:
        self._stage = stage
        self._longest_s = pause_s * max(JITTER)
        self._context = context
        self._dead_letters = DeadLetterPublisher(stage.name, context)

    async def __call__(self, delivery: Delivery) -> None:
        """Hold a record until it is due, then forward it, or end its request or part if its deadline has passed."""
        record = delivery.record
        if (message := await self._dead_letters.read(record)) is not None:
            response_id_of_task.set(message.envelope.response_id)
            with watchdog_paused():
                await asyncio.sleep(self._seconds_until_due(record))
            outcome = await self._forward_due(record, message)
            handled(self._stage.name, f"{message.schema_name()} again", outcome).inc()
            self._dead_letters.circuit_breaker.record_success()
        delivery.done()

    def _seconds_until_due(self, record: Record) -> float:
        """At most the longest pause: after a clock was set back, a record's timestamp is in the future."""
        left_s = due_at(record, self._longest_s) - self._context.clock.now()
        return min(max(0.0, left_s), self._longest_s)

    async def _forward_due(self, record: Record, message: Message) -> str:
        if self._context.calls.is_cancelled(message.envelope.request):
            await self._report_calls(message, OutputMetadata(ReadLog()))
            return "cancelled"
        if message.envelope.deadline_at <= self._context.clock.now():
            return await self._too_late(message)
        try:
            await self._context.forward(to_own_topic(record, message))
        except Rejected as error:
            return await self._end(message, error, OutputMetadata(ReadLog()))
        return "sent_back"

    async def _too_late(self, message: Message) -> str:
        with recording_reads() as tape:
            record_stage(self._stage.sha256)
            error = expired(message.envelope.schema, begun=False)
        return await self._end(message, error, OutputMetadata(tape))

    async def _end(self, message: Message, error: Rejected, stamp: OutputMetadata) -> str:
        if is_left_to_the_join(message, error):
            await self._report_calls(message, stamp)
        else:
            await publish_end(self._context, stamp.attach_to(end_of(message, error)))
        return error.code

    async def _report_calls(self, message: Message, stamp: OutputMetadata) -> None:
        """Publish the calls before a command whose end is not published."""
        if calls := reported_calls(message):
            await publish_end(self._context, stamp.attach_to(CallsMade(calls=calls).after(message)))
