"""Replay of dead letters: republishes a record on its topic, as the same event and its first attempt."""

import base64
import hashlib
from dataclasses import dataclass, replace

from libs.contracts.catalogue import COMMANDS, TOPICS
from libs.contracts.dead_letter import OriginalRecord
from libs.contracts.envelope import CONTRACTS, Headers
from libs.contracts.message import Message
from libs.contracts.record import Record
from libs.contracts.topics import Placement, Topic
from libs.core.errors import Rejected
from libs.core.ids import reply_partition_of
from libs.runtime.delivery.retry_headers import without_retry_headers
from libs.runtime.messaging.codec import Outgoing, decode, placed_by, verified_envelope
from libs.runtime.messaging.signing import Signer

_TOPICS = {topic.name: topic for topic in TOPICS}


class CannotReplay(Rejected):
    """The record of a dead letter cannot be republished; the text gives the reason."""

    code = "cannot_replay"


@dataclass(frozen=True, slots=True)
class Content:
    """Headers and body of a record that did not fit into its dead letter."""

    headers: Headers
    body: bytes


def record_of_letter(original: OriginalRecord, stored: Content | None = None) -> Record:
    """Raises CannotReplay when neither the letter nor `stored` has the whole original record."""
    headers = tuple((name, decoded(value)) for name, value in original.headers)
    content = Content(headers, decoded(original.body))
    found = next((each for each in (content, stored) if each is not None and _is_whole(each, original)), None)
    if found is None:
        raise CannotReplay("the letter does not hold the whole record, and the journal has none that is the same")
    return Record(
        topic=original.topic,
        partition=original.partition,
        offset=original.offset,
        timestamp_ms=original.timestamp_ms,
        key=decoded(original.key),
        headers=found.headers,
        value=found.body,
    )


def decoded(text: str) -> bytes:
    """Bytes of a field of a letter. Raises CannotReplay."""
    try:
        return base64.b64decode(text)
    except ValueError as error:
        raise CannotReplay("a field of the letter is not base64") from error


def resent(record: Record, signer: Signer, now: float) -> Outgoing:
    """Address the record of a dead letter to its own topic. Raises CannotReplay.

    A command gets its original time budget, counted from now, so it is signed again. An unsigned record is republished
    byte by byte, never signed.
    """
    topic = _TOPICS.get(record.topic)
    if topic is None:
        raise CannotReplay(f"there is no topic {record.topic} any more")
    headers = without_retry_headers(record.headers)
    try:
        message = decode(record, verified_envelope(record, signer))
    except Rejected:
        return _as_it_is(record, topic, headers)
    return _renewed(record, topic, message, signer, now)


def _renewed(record: Record, topic: Topic, message: Message, signer: Signer, now: float) -> Outgoing:
    envelope = replace(message.envelope, attempt=1)
    if isinstance(message, COMMANDS):
        had_s = max(0.0, envelope.deadline_at - record.timestamp_ms / 1000)
        envelope = replace(envelope, deadline_at=now + had_s)
    written_by = tuple(header for header in record.headers if header[0] == CONTRACTS)  # the payload is unchanged
    headers = (*envelope.headers(signer.sign(envelope, record.value), signer.key_id), *written_by)
    return Outgoing(topic, record.key or b"", placed_by(topic, message), headers, record.value)


def _as_it_is(record: Record, topic: Topic, headers: Headers) -> Outgoing:
    key = record.key or b""
    if topic.placement is Placement.REPLY:
        try:
            reply_partition_of(key.decode())
        except ValueError as error:
            raise CannotReplay("its key names no reply partition") from error
    return Outgoing(topic, key, key.decode("utf-8", "replace"), headers, record.value)


def _is_whole(content: Content, original: OriginalRecord) -> bool:
    same = hashlib.sha256(content.body).hexdigest() == original.body_sha256
    return same and len(content.body) == original.body_bytes
