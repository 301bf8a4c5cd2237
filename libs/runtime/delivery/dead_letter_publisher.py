"""The dead-letter publisher: every record that cannot be handled is dead-lettered before it is done."""

import logging
from dataclasses import replace

from libs.contracts.answer import AnswerFinished, Failure
from libs.contracts.audit import AuditRecorded
from libs.contracts.catalogue import is_command_topic, may_stand_on, message_type
from libs.contracts.envelope import Envelope, MalformedEnvelope
from libs.contracts.message import Message
from libs.contracts.origin import Origin
from libs.contracts.record import Record
from libs.core.errors import FleetError, Rejected, Unacceptable
from libs.core.security_events import one_line
from libs.runtime.delivery.circuit_breaker import CircuitBreaker
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.delivery.dead_letters import FailureContext, dead_letter, position_of
from libs.runtime.delivery.output_metadata import OutputMetadata
from libs.runtime.messaging.codec import ImpossibleValue, decode, verified_envelope
from libs.runtime.telemetry import DEAD_LETTERED

log = logging.getLogger(__name__)
REJECTED = "message-rejected"


class ForeignTenant(Unacceptable):
    """The message is signed for a tenant that does not own the response."""

    code = "foreign_tenant"


class DeadLetterPublisher:
    """Reads the records of one subscription for one service, and dead-letters those that cannot be handled.

    Every topic has exactly one such publisher: the group that consumes it, or the journal for topics that only tails
    and sinks read. The envelope of an unsigned record is not trusted: its letter belongs to the system, under an id
    derived from the record's position, and the attempt is audited.
    """

    def __init__(self, stage: str, context: RuntimeContext) -> None:
        self._stage = stage
        self._context = context
        self.circuit_breaker = CircuitBreaker(context.breaker)

    async def read(self, record: Record) -> Message | None:
        """None if the record is malformed or unsigned, after its dead letter is acknowledged.

        Raises TooManyDeadLetters.
        """
        if record.message is not None:
            self.circuit_breaker.record_signed()
            return record.message
        try:
            envelope = verified_envelope(record, self._context.signer)
        except Unacceptable as error:
            self.circuit_breaker.record_unsigned()
            await self._reject(record, error, audited=not isinstance(error, MalformedEnvelope))
            return None
        self.circuit_breaker.record_signed()
        try:
            return decode(record, envelope)
        except Unacceptable as error:
            await self._publish_unreadable(record, envelope, error)
            return None

    async def reject_foreign(self, record: Record) -> None:
        """Dead-letter and audit a message of a tenant that does not own the response."""
        await self._reject(record, ForeignTenant("the response belongs to another tenant"), audited=True)

    async def publish_unstored(self, record: Record, error: FleetError) -> None:
        """Dead-letter a record that a store rejects. The letter belongs to its request if the signature is valid."""
        letter = dead_letter(record, self.failure_context(error), self._context.log_id)
        try:
            envelope = verified_envelope(record, self._context.signer)
        except Unacceptable:
            bound = letter.opening(_origin_of(position_of(record, self._context.log_id)))
        else:
            bound = letter.following(envelope, deadline_at=envelope.deadline_at)
        await self._publish(record, bound, error)

    async def publish_dead_letter(
        self, record: Record, message: Message, failure: FailureContext, metadata: OutputMetadata
    ) -> None:
        """Dead-letter a message that could not be handled. The letter belongs to the request of the message."""
        letter = dead_letter(record, failure, self._context.log_id)
        await self._publish(record, metadata.attach_to(letter.after(message)), failure.error)

    def failure_context(self, error: FleetError, first_at: float | None = None, attempts: int = 1) -> FailureContext:
        now = self._context.clock.now()
        return FailureContext(self._stage, error, now, now if first_at is None else first_at, attempts)

    async def _reject(self, record: Record, error: Unacceptable, *, audited: bool) -> None:
        position = position_of(record, self._context.log_id)
        origin = _origin_of(position)
        letter = dead_letter(record, self.failure_context(error), self._context.log_id)
        await self._publish(record, letter.opening(origin), error)
        if audited:
            await self._context.publish(self._audit_event(position, error).opening(origin))

    def _audit_event(self, position: str, error: Unacceptable) -> AuditRecorded:
        return AuditRecorded(
            action=REJECTED,
            actor=self._stage,
            target=position,
            reason=error.code,
            detail=one_line(str(error)),
            ts=self._context.clock.now(),
        )

    async def _publish_unreadable(self, record: Record, envelope: Envelope, error: Unacceptable) -> None:
        """Dead-letter a signed record; the request is known, so a command's request is ended."""
        if not isinstance(error, ImpossibleValue):
            self.circuit_breaker.record_dead_letter()
        letter = dead_letter(record, self.failure_context(error), self._context.log_id)
        await self._publish(record, letter.following(envelope, deadline_at=envelope.deadline_at), error)
        if _is_command(record.topic, envelope.schema):
            failure = Failure(code=error.code, message="A message of this request could not be read. Try again.")
            end = AnswerFinished(outcome="failed", failure=failure)
            await publish_end(self._context, end.following(envelope, deadline_at=envelope.deadline_at))

    async def _publish(self, record: Record, letter: Message, error: FleetError) -> None:
        """Publish a letter; one too large for the broker is sent without its content, which the journal has."""
        log.error("dead letter of %s: %s", position_of(record, self._context.log_id), error)
        DEAD_LETTERED.labels(self._stage, error.code).inc()
        try:
            await self._context.publish(letter)
        except Rejected:
            short = dead_letter(record, self.failure_context(error), self._context.log_id, with_content=False)
            await self._context.publish(short.bound(replace(letter.envelope, reads="")))


async def publish_end(place: RuntimeContext, end: Message) -> None:
    """Publish the end of a request or a part. A rejected publication is logged, not raised."""
    try:
        await place.publish(end)
    except Rejected as refusal:
        log.error("could not publish the end of %s: %s", end.envelope.response_id, refusal)


def _is_command(topic: str, schema: str) -> bool:
    """Decided by topic and schema. A known schema on a wrong topic has its original on its own topic."""
    kind = message_type(schema)
    return is_command_topic(topic) and (kind is None or may_stand_on(kind, topic))


def _origin_of(position: str) -> Origin:
    """Origin of a letter about a record whose own headers cannot be trusted; equal positions give equal origins."""
    return Origin.system(f"record/{position}")
