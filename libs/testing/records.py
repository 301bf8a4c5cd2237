"""Builders: the envelope of a request, and messages as records on the log."""

from libs.contracts.message import Message
from libs.contracts.origin import Origin
from libs.contracts.record import Record
from libs.core.ids import new_response_id
from libs.runtime.messaging.codec import Outgoing, encode
from libs.runtime.messaging.signing import Signer
from libs.testing.fake_clock import TEST_TIME_S

SIGNER = Signer(b"a signing key that only tests know")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def request(*, deadline_at: float = TEST_TIME_S + 60, reply_partition: int = 0) -> Origin:
    """Origin of a new request."""
    return Origin(new_response_id(reply_partition, TEST_TIME_S), "acme", deadline_at=deadline_at, trace=TRACE)


def record_of(message: Message, *, offset: int = 0, partition: int = 0, signer: Signer = SIGNER) -> Record:
    """A message as stored on the first of its topics."""
    return lying(encode(message, signer)[0], offset=offset, partition=partition)


def lying(outgoing: Outgoing, *, offset: int = 0, partition: int = 0) -> Record:
    """An outgoing record as stored on its topic."""
    now_ms = int(TEST_TIME_S * 1000)
    return Record(
        topic=outgoing.topic.name,
        partition=partition,
        offset=offset,
        timestamp_ms=now_ms,
        key=outgoing.key,
        headers=outgoing.headers,
        value=outgoing.value,
    )
