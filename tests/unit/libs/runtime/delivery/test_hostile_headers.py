"""A hostile text in any header, under a valid signature: the record becomes a dead letter, alone."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from libs.contracts.dead_letter import DeadLettered
from libs.contracts.envelope import MalformedEnvelope
from libs.contracts.examples import EXAMPLES
from libs.contracts.message import Message
from libs.contracts.origin import Origin
from libs.contracts.record import Record
from libs.core.errors import Unstorable
from libs.core.ids import new_response_id
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.delivery.dead_letter_publisher import DeadLetterPublisher
from libs.runtime.messaging.codec import Outgoing, encode, verified_envelope
from libs.testing.fake_clock import TEST_TIME_S, FakeClock
from libs.testing.records import SIGNER

FIELDS = ("event_id", "response_id", "tenant", "causation_id", "schema", "trace", "subject", "reads")
TEXTS = ("", "\0", "a\nb", "no id", "x" * 3000, "." * 40, "\u202e\U0001f600", "chatcmpl-", "[" * 3000, "9" * 400)
BODIES = (None, b"", b"{", b"null", b'{"unknown":1}')


class Broker:
    """Encodes what is published, as a real publisher does."""

    def __init__(self) -> None:
        self.published: list[Message] = []

    async def publish(self, *messages: Message) -> None:
        for message in messages:
            for outgoing in encode(message, SIGNER):
                outgoing.partition(64)
        self.published += messages

    async def forward(self, *records: Outgoing) -> None:
        raise AssertionError(f"{len(records)} records were forwarded")


def hostile(field: str) -> Iterator[Record]:
    origin = Origin(new_response_id(0, TEST_TIME_S), "hostile", deadline_at=TEST_TIME_S + 60)
    for example in EXAMPLES:
        whole = example.opening(origin).envelope
        for text in TEXTS:
            envelope = replace(whole, **{field: text})  # type: ignore[arg-type]  # all of them are texts
            for body in (example.body() if given is None else given for given in BODIES):
                headers = envelope.headers(SIGNER.sign(envelope, body))
                topic = example.topics[0].name
                yield Record(topic, 0, 7, int(TEST_TIME_S * 1000), envelope.response_id.encode(), headers, body)


@pytest.mark.parametrize("field", FIELDS)
async def test_no_hostile_header_ends_the_reading_of_a_topic(field: str) -> None:
    for record in hostile(field):
        broker = Broker()
        publisher = DeadLetterPublisher("planner", RuntimeContext(SIGNER, broker, FakeClock(TEST_TIME_S)))
        if (message := await publisher.read(record)) is None:
            assert isinstance(broker.published[0], DeadLettered)
        else:
            assert message.after(message).envelope.event_id  # what a handler does with it
        await publisher.publish_unstored(record, Unstorable("no store takes it"))
        assert isinstance(broker.published[-1], DeadLettered)


@pytest.mark.parametrize("text", TEXTS)
def test_a_signed_record_about_no_response_is_malformed(text: str) -> None:
    record = next(each for each in hostile("response_id") if each.key == text.encode())
    with pytest.raises(MalformedEnvelope, match="no id of a response"):
        verified_envelope(record, SIGNER)
