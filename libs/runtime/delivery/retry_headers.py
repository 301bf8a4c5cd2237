"""Headers of a command on a retry topic: number of attempts, time of the first one, due time, own topic."""

from dataclasses import dataclass

from libs.contracts.envelope import Headers
from libs.contracts.message import Message
from libs.contracts.record import Record
from libs.contracts.topics import Topic
from libs.core.outside_numbers import finite
from libs.runtime.messaging.codec import Outgoing, placed_by

# The record itself is unchanged. The signature does not cover these headers: they decide only when an attempt is made,
# within the limits of the relay.
ATTEMPT = "attempt"
FIRST_AT = "first_attempt_at"
DUE_AT = "retry_due_at"
HOME = "retry_topic"


@dataclass(frozen=True, slots=True)
class RetryHeaders:
    """The state of a waiting command: `attempts` made since `first_at`, the next one due at `due_at`."""

    topic: Topic
    attempts: int
    first_at: float
    due_at: float


def to_retry_topic(record: Record, message: Message, wait: RetryHeaders) -> Outgoing:
    changed = {
        ATTEMPT: str(wait.attempts),
        FIRST_AT: f"{wait.first_at:.3f}",
        DUE_AT: f"{wait.due_at:.3f}",
        HOME: message.topics[0].name,
    }
    return _outgoing(record, message, wait.topic, _with(record.headers, changed))


def to_own_topic(record: Record, message: Message) -> Outgoing:
    """Address a due command to its own topic, with the next attempt number."""
    attempt = str(message.envelope.attempt + 1)
    headers = tuple(header for header in record.headers if header[0] not in {DUE_AT, HOME})
    return _outgoing(record, message, message.topics[0], _with(headers, {ATTEMPT: attempt}))


def without_retry_headers(headers: Headers) -> Headers:
    return tuple(header for header in headers if header[0] not in {FIRST_AT, DUE_AT, HOME})


def first_attempt_at(record: Record, now: float) -> float:
    """`now`, unless the record was redelivered by a retry topic."""
    return min(now, _seconds(record, FIRST_AT, now))


def due_at(record: Record, longest_s: float) -> float:
    """At most `longest_s` after the timestamp of the record."""
    latest = record.timestamp_ms / 1000 + longest_s
    return min(latest, _seconds(record, DUE_AT, 0.0))


def _outgoing(record: Record, message: Message, topic: Topic, headers: Headers) -> Outgoing:
    key = message.envelope.response_id.encode()
    return Outgoing(topic, key, placed_by(topic, message), headers, record.value)


def _with(headers: Headers, changed: dict[str, str]) -> Headers:
    unchanged = tuple(header for header in headers if header[0] not in changed)
    return (*unchanged, *((name, value.encode()) for name, value in changed.items()))


def _seconds(record: Record, name: str, default: float) -> float:
    found = next((value for header, value in record.headers if header == name), b"")
    return finite(found, default)
