"""Poison records in twelve classes for every topic, and the expected content of their dead letters."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from libs.contracts.catalogue import TOPICS, messages_of
from libs.contracts.envelope import Envelope, Headers
from libs.contracts.examples import EXAMPLES
from libs.contracts.message import Message
from libs.contracts.origin import Origin
from libs.contracts.topics import Topic
from libs.core.ids import new_response_id
from libs.runtime.messaging.codec import Outgoing, placed_by
from libs.runtime.messaging.signing import Signer

BUG_MARK = "this text meets a bug"
OVERSIZED = 700_000  # larger than a letter's limit, smaller than the broker's


@dataclass(frozen=True)
class Poison:
    """One record. `error` is the code of its dead letter; `signed`: its envelope is authentic."""

    kind: str
    outgoing: Outgoing
    error: str
    signed: bool


@dataclass(frozen=True)
class Dose:
    """Producer of poison: the key of the fleet, the time (Unix seconds), and the reply partition of the ids."""

    signer: Signer
    now: float
    tenant: str = "poisoner"
    reply_partition: int = 0

    def example(self, topic: Topic) -> Message:
        """A valid message of a topic, about a response of its own."""
        kinds = messages_of(topic)
        example = next(message for message in EXAMPLES if type(message) in kinds)
        response_id = new_response_id(self.reply_partition, self.now)
        origin = Origin(response_id, self.tenant, deadline_at=self.now + 600)
        return example.opening(origin)


Body = Callable[[Message], bytes]
# Signed by the fleet's key, as by a producer of another version or with a bug: only the body is wrong.
BODIES: dict[str, Body] = {
    "not json": lambda _: b"this is no JSON",
    "truncated": lambda message: message.body()[: len(message.body()) // 2],
    "oversized": lambda _: b'"' + b"x" * OVERSIZED + b'"',
    "deep nest": lambda _: b"[" * 100_000,
    "bad utf-8": lambda _: b'{"text": "\xff\xfe"}',
    "nan": lambda _: b'{"question": NaN, "ts": NaN}',
}


def poisons(topic: Topic, dose: Dose) -> Iterator[Poison]:
    """Yield one poison of each class for a topic, except those that need a bug in a handler."""
    for kind, body in BODIES.items():
        message = dose.example(topic)
        yield _signed(kind, topic, dose, message.envelope, body(message))
    yield _signed("wrong schema", topic, dose, replace(dose.example(topic).envelope, schema=_astray(topic)))
    yield _signed("unknown version", topic, dose, replace(dose.example(topic).envelope, schema="plan-drafted.v99"))
    for kind, spoil in _HEADERS.items():
        message = dose.example(topic)
        outgoing = _outgoing(topic, dose, message.envelope, message.body())
        error = "malformed_envelope" if kind == "missing header" else "bad_signature"
        yield Poison(kind, replace(outgoing, headers=spoil(outgoing.headers)), error, signed=False)


def every_poison(dose: Dose) -> Iterator[Poison]:
    """Yield the poisons of all topics."""
    for topic in TOPICS:
        yield from poisons(topic, dose)


def _bad_signature(headers: Headers) -> Headers:
    return _with(headers, "signature", secrets.token_hex(32).encode())


def _foreign_tenant(headers: Headers) -> Headers:
    return _with(headers, "tenant", b"somebody-else")


def _missing_header(headers: Headers) -> Headers:
    return tuple(header for header in headers if header[0] != "tenant")


_HEADERS: dict[str, Callable[[Headers], Headers]] = {
    "bad signature": _bad_signature,
    "foreign tenant": _foreign_tenant,
    "missing header": _missing_header,
}
KINDS = (*BODIES, "wrong schema", "unknown version", *_HEADERS, "handler bug")


def _astray(topic: Topic) -> str:
    """Schema of a message that is not allowed on a topic."""
    return next(message.schema_name() for message in EXAMPLES if type(message) not in messages_of(topic))


def _signed(kind: str, topic: Topic, dose: Dose, envelope: Envelope, body: bytes | None = None) -> Poison:
    body = dose.example(topic).body() if body is None else body
    return Poison(kind, _outgoing(topic, dose, envelope, body), "malformed_message", signed=True)


def _outgoing(topic: Topic, dose: Dose, envelope: Envelope, body: bytes) -> Outgoing:
    headers = envelope.headers(dose.signer.sign(envelope, body))
    example = dose.example(topic).bound(envelope)
    return Outgoing(topic, envelope.response_id.encode(), placed_by(topic, example), headers, body)


def _with(headers: Headers, name: str, value: bytes) -> Headers:
    return tuple((known, value if known == name else old) for known, old in headers)
