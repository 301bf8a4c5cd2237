"""Encoding of messages into signed records, and verified decoding of records into messages."""

import logging
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from libs.contracts.catalogue import may_stand_on, message_type
from libs.contracts.envelope import (
    CONTRACTS,
    Envelope,
    Headers,
    MalformedEnvelope,
    is_possible,
    key_id_of,
    read_envelope,
    written_time,
)
from libs.contracts.field_revisions import current_revision
from libs.contracts.message import Message
from libs.contracts.record import Record
from libs.contracts.topics import Placement, Topic
from libs.core.errors import Rejected, Unacceptable
from libs.core.ids import reply_partition_of
from libs.runtime.messaging.signing import Signer

log = logging.getLogger(__name__)

# Errors that no message version explains: they indicate a wrong value, not a reader of another version.
_VALUE_ERRORS = frozenset(
    {
        "finite_number",
        "float_parsing",
        "greater_than",
        "greater_than_equal",
        "int_from_float",
        "int_parsing",
        "int_parsing_size",
        "json_invalid",
        "less_than",
        "less_than_equal",
        "string_pattern_mismatch",
        "string_too_long",
        "string_too_short",
        "string_unicode",
    }
)


class MalformedMessage(Unacceptable):
    """The value does not match its schema, or the schema does not belong on this topic."""

    code = "malformed_message"


class ImpossibleValue(MalformedMessage):
    """The fields match the schema, but a number, a time or a text is invalid."""


class UnwritableMessage(Rejected):
    """A text in the message is not Unicode: a lone surrogate has no UTF-8 encoding."""

    code = "unwritable_message"


class NoSuchReply(Unacceptable):
    """The response id contains a reply partition that the topic does not have."""

    code = "no_such_reply"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record before the broker has assigned its offset. `message` is None where its content is forwarded unread."""

    topic: Topic
    key: bytes
    placed_by: str
    headers: Headers
    value: bytes
    message: Message | None = field(default=None, compare=False, repr=False)

    def partition(self, partitions: int) -> int:
        """Raises NoSuchReply if the topic has too few partitions for a reply."""
        match self.topic.placement:
            case Placement.BROADCAST:
                return 0
            case Placement.REPLY:
                return _reply_partition(self.key.decode(), partitions)
            case Placement.PART:
                return zlib.crc32(self.placed_by.encode()) % partitions
            case Placement.RESPONSE:
                return response_partition(self.topic, self.placed_by, partitions)


def response_partition(topic: Topic, response_id: str, partitions: int) -> int:
    """Partition of all records of a response on a topic with `partitions` partitions.

    Partitions beyond the declared ones stay empty: processes detect growth at different times, and the records of an
    open request would be split between two partitions.
    """
    return zlib.crc32(response_id.encode()) % min(partitions, topic.partitions)


def _reply_partition(response_id: str, partitions: int) -> int:
    partition = reply_partition_of(response_id)
    if partition >= partitions:
        raise NoSuchReply(f"reply partition {partition} of {response_id}, but the topic has {partitions}")
    return partition


def encode(message: Message, signer: Signer) -> tuple[Outgoing, ...]:
    """One signed record for each topic of a message. Raises UnwritableMessage."""
    envelope = message.envelope
    try:
        body = message.body()
        headers = (*envelope.headers(signer.sign(envelope, body), signer.key_id), _contracts_header())
    except (PydanticSerializationError, UnicodeEncodeError) as error:
        raise UnwritableMessage(f"{message.schema_name()} holds a text that is not Unicode") from error
    key = envelope.response_id.encode()
    return tuple(Outgoing(topic, key, placed_by(topic, message), headers, body, message) for topic in message.topics)


def as_decoded(message: Message, logged_ms: int) -> Message | None:
    """A published message as `decode` reads it from a record of that time; None where `decode` refuses it."""
    envelope = message.envelope
    read = replace(
        envelope, deadline_at=written_time(envelope.deadline_at), contracts=current_revision(), logged_ms=logged_ms
    )
    if not (is_possible(read) and is_response_id(envelope.response_id)):
        return None
    return message.bound(read)


@cache
def _contracts_header() -> tuple[str, bytes]:
    return CONTRACTS, str(current_revision()).encode()


def placed_by(topic: Topic, message: Message) -> str:
    """Text that determines a message's partition on a topic; replies and broadcasts ignore it."""
    response_id = message.envelope.response_id
    return f"{response_id}/{message.part_id}" if topic.placement is Placement.PART else response_id


def read(record: Record, signer: Signer) -> Message | None:
    """None if the record is malformed or unsigned, which is logged."""
    if record.message is not None:
        return record.message
    try:
        return decode(record, verified_envelope(record, signer))
    except Rejected as error:
        log.error("rejected %s/%d@%d: %s", record.topic, record.partition, record.offset, error)
        return None


def verified_envelope(record: Record, signer: Signer) -> Envelope:
    """Raises MalformedEnvelope or BadSignature."""
    envelope, signature = read_envelope(record.headers, record.timestamp_ms)
    key_id = key_id_of(record.headers) if signer.accepts_others else ""  # with a single key, the key id is irrelevant
    signer.verify(envelope, record.value, signature, key_id)
    if record.key != envelope.response_id.encode():
        raise MalformedEnvelope("the key is not the response id, so the record may be out of order")
    _require_response_id(envelope.response_id)
    return envelope


def _require_response_id(text: str) -> None:
    """Nothing can follow from a record with another text: event ids, dead letters included, are functions of its id."""
    if not is_response_id(text):
        raise MalformedEnvelope("response_id is no id of a response")


def is_response_id(text: str) -> bool:
    try:
        reply_partition_of(text)
    except ValueError:
        return False
    return True


def verifier(signer: Signer) -> Callable[[Record], Envelope]:
    """`verified_envelope` with a signer."""
    return lambda record: verified_envelope(record, signer)


def decode(record: Record, envelope: Envelope) -> Message:
    """Bind the message of a record to its envelope. Raises MalformedMessage."""
    kind = message_type(envelope.schema)
    if kind is None or not may_stand_on(kind, record.topic):
        raise MalformedMessage(f"schema {envelope.schema!r} has no place on {record.topic}")
    try:
        return kind.read(record.value, envelope)
    except ValidationError as error:
        kind_of_error = ImpossibleValue if _is_about_values(error) else MalformedMessage
        raise kind_of_error(f"{envelope.schema}: {error.error_count()} fields are wrong") from error


def _is_about_values(error: ValidationError) -> bool:
    return all(each["type"] in _VALUE_ERRORS for each in error.errors(include_url=False, include_input=False))
