"""Who answers for the records of a topic: whatever cannot be handled is kept as a dead letter before it is done.

Every topic has exactly one warden: the group that consumes it, or the journal for those that tails and sinks alone
read. A record without a good signature has no envelope that one may believe: its letter belongs to the system, under an
id that follows from the record's position, and the attempt is audited.
"""

import logging
from dataclasses import replace

from libs.contracts.answer import AnswerFinished, Failure
from libs.contracts.audit import AuditRecorded
from libs.contracts.catalogue import is_command_topic, may_stand_on, message_type
from libs.contracts.envelope import Envelope, MalformedEnvelope
from libs.contracts.message import Message
from libs.contracts.record import Record
from libs.core.errors import FleetError, Rejected, Unacceptable
from libs.core.security_events import one_line
from libs.runtime.delivery.circuit_breaker import Breaker
from libs.runtime.delivery.context import Workplace
from libs.runtime.delivery.dead_letters import Given, dead_letter, position_of, system_envelope
from libs.runtime.delivery.output_metadata import Stamp
from libs.runtime.messaging.codec import ImpossibleValue, decode, verified_envelope
from libs.runtime.telemetry import DEAD_LETTERED

log = logging.getLogger(__name__)
REJECTED = "message-rejected"


class ForeignTenant(Unacceptable):
    """The message is signed by a tenant that the response does not belong to."""

    code = "foreign_tenant"


class Warden:
    """Reads the records of one feed for one service, and buries those that cannot be handled."""

    def __init__(self, stage: str, place: Workplace) -> None:
        self._stage = stage
        self._place = place
        self.breaker = Breaker(place.breaker)

    async def read(self, record: Record) -> Message | None:
        """Return the message of a record; None for one that is malformed or not ours, once its letter is on the log.

        Raises TooManyDeadLetters.
        """
        try:
            envelope = verified_envelope(record, self._place.signer)
        except Unacceptable as error:
            self.breaker.stranger()
            await self._refuse(record, error, audited=not isinstance(error, MalformedEnvelope))
            return None
        self.breaker.signed()
        try:
            return decode(record, envelope)
        except Unacceptable as error:
            await self._bury_unreadable(record, envelope, error)
            return None

    async def refuse_foreign(self, record: Record) -> None:
        """Bury and audit a message of a tenant that the response does not belong to."""
        await self._refuse(record, ForeignTenant("the response belongs to another tenant"), audited=True)

    async def bury_unstored(self, record: Record, error: FleetError) -> None:
        """Bury a record that a store refuses. It belongs to its request where its envelope can be believed."""
        letter = dead_letter(record, self.given(error), self._place.log_id)
        try:
            envelope = verified_envelope(record, self._place.signer)
        except Unacceptable:
            envelope = system_envelope(f"record/{position_of(record, self._place.log_id)}")
        await self._publish(record, _caused(letter.opening(envelope), envelope), error)

    async def bury(self, record: Record, message: Message, given: Given, stamp: Stamp) -> None:
        """Publish the letter of a message that could not be handled. It belongs to the request of the message."""
        letter = dead_letter(record, given, self._place.log_id)
        await self._publish(record, stamp.on(letter.after(message)), given.error)

    def given(self, error: FleetError, first_at: float | None = None, attempts: int = 1) -> Given:
        """Return why a record is given up now."""
        now = self._place.clock.now()
        return Given(self._stage, error, now, now if first_at is None else first_at, attempts)

    async def _refuse(self, record: Record, error: Unacceptable, *, audited: bool) -> None:
        position = position_of(record, self._place.log_id)
        envelope = system_envelope(f"record/{position}")
        letter = dead_letter(record, self.given(error), self._place.log_id)
        await self._publish(record, letter.opening(envelope), error)
        if audited:
            await self._place.publish(self._act(position, error).opening(envelope))

    def _act(self, position: str, error: Unacceptable) -> AuditRecorded:
        return AuditRecorded(
            action=REJECTED,
            actor=self._stage,
            target=position,
            reason=error.code,
            detail=one_line(str(error)),
            ts=self._place.clock.now(),
        )

    async def _bury_unreadable(self, record: Record, envelope: Envelope, error: Unacceptable) -> None:
        """The signature is good, so the request is known: if somebody was to work for it here, it ends."""
        if not isinstance(error, ImpossibleValue):
            self.breaker.dead()
        letter = dead_letter(record, self.given(error), self._place.log_id)
        await self._publish(record, _caused(letter.opening(envelope), envelope), error)
        if _asks_for_work(record.topic, envelope.schema):
            failure = Failure(code=error.code, message="A message of this request could not be read. Try again.")
            end = _caused(AnswerFinished(outcome="failed", failure=failure).opening(envelope), envelope)
            await tell(self._place, end)

    async def _publish(self, record: Record, letter: Message, error: FleetError) -> None:
        """Publish a letter; what is too large for the broker goes without its content, which the journal has."""
        log.error("dead letter of %s: %s", position_of(record, self._place.log_id), error)
        DEAD_LETTERED.labels(self._stage, error.code).inc()
        try:
            await self._place.publish(letter)
        except Rejected:
            short = dead_letter(record, self.given(error), self._place.log_id, with_content=False)
            await self._place.publish(short.bound(replace(letter.envelope, reads="")))


async def tell(place: Workplace, end: Message) -> None:
    """Publish the end of a request or a part. When nobody can be told, the log says so."""
    try:
        await place.publish(end)
    except Rejected as refusal:
        log.error("nobody can be told how %s ended: %s", end.envelope.response_id, refusal)


def _asks_for_work(topic: str, schema: str) -> bool:
    """Return whether a record was meant as a command here. One that is known but astray has its twin at home."""
    kind = message_type(schema)
    return is_command_topic(topic) and (kind is None or may_stand_on(kind, topic))


def _caused(message: Message, cause: Envelope) -> Message:
    return message.bound(replace(message.envelope, causation_id=cause.event_id))
