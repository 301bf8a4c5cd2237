"""Numbers in headers, which any writer of a topic sets: rejected or ignored, never an error of our code."""

from dataclasses import replace

import pytest

from libs.contracts.envelope import MalformedEnvelope, read_envelope
from libs.contracts.message import Message
from libs.contracts.progress import CallsMade
from libs.contracts.record import Record
from libs.core.errors import Rejected
from libs.runtime.delivery.circuit_breaker import CircuitBreakerLimits, TooManyDeadLetters
from libs.runtime.delivery.retry_headers import due_at, first_attempt_at
from libs.runtime.messaging.codec import ImpossibleValue, UnwritableMessage, decode, encode, verified_envelope
from libs.testing.every import for_every
from libs.testing.fake_clock import TEST_TIME_S
from libs.testing.hostile import NO_NUMBERS, NUMBERS
from libs.testing.records import SIGNER, record_of, request
from tests.support.runtime.handler_run import PLAN, Scene, Script, asked, down, with_headers

HOSTILE = [*NUMBERS, *NO_NUMBERS]


def with_header(record: Record, name: str, value: str) -> Record:
    headers = tuple(header for header in record.headers if header[0] != name)
    return with_headers(replace(record, headers=headers), **{name: value})


@for_every(value=HOSTILE, name=["deadline_at", "attempt", "waited_ms"])
def test_an_envelope_holds_possible_numbers_or_is_refused(name: str, value: str) -> None:
    record = with_header(record_of(asked()), name, value)
    try:
        envelope, _ = read_envelope(record.headers)
    except MalformedEnvelope:
        return
    assert 0 <= envelope.deadline_at < 1e12
    assert 1 <= envelope.attempt < 1e13
    assert 0 <= envelope.waited_ms < 1e13


@for_every(value=HOSTILE)
def test_the_time_of_a_retry_is_a_time(value: str) -> None:
    record = with_headers(record_of(asked()), first_attempt_at=value, retry_due_at=value)
    assert -1e309 < first_attempt_at(record, TEST_TIME_S) <= TEST_TIME_S
    assert due_at(record, 5.0) <= TEST_TIME_S + 5


@pytest.mark.parametrize("value", HOSTILE)
async def test_a_command_with_hostile_headers_is_settled(value: str) -> None:
    scene = Scene(Script(*down(9)).handle)
    for name in ("first_attempt_at", "retry_due_at", "attempt", "waited_ms", "deadline_at"):
        await scene.take_record(with_header(record_of(asked(seconds=-1)), name, value))
    assert len(scene.finished) == 5


def test_a_message_with_half_a_character_is_not_written() -> None:
    hostile: Message = PLAN.model_copy(update={"note": "\ud800"}).opening(request())
    with pytest.raises(UnwritableMessage):
        encode(hostile, SIGNER)


CALL = b'{"stage":"s","model":"m","server":"s","prompt_sha256":"","finish_reason":"","usage":{},"duration_ms":%b}'


@pytest.mark.parametrize("body", [b'{"note":"\\ud800"}', b'{"calls":[%b]}' % (CALL % b"1e999")])
def test_a_value_that_cannot_be_is_told_from_a_message_of_another_version(body: bytes) -> None:
    record = signed(CallsMade(calls=()).opening(request()), body)
    with pytest.raises(ImpossibleValue):
        decode(record, verified_envelope(record, SIGNER))


async def test_impossible_values_stop_nobody_and_messages_of_another_version_do() -> None:
    scene = Scene(Script().handle, limits=CircuitBreakerLimits(in_a_row=3))
    for offset in range(9):
        await scene.take_record(replace(signed(asked(), b'{"question": {"text": "\\ud800"}}'), offset=offset))
    assert len(scene.publisher.letters) == 9
    old = [replace(signed(asked(), b"{}"), offset=offset) for offset in range(9, 12)]
    for record in old[:2]:
        await scene.take_record(record)
    with pytest.raises(TooManyDeadLetters):
        await scene.take_record(old[2])


def signed(message: Message, body: bytes) -> Record:
    envelope = message.envelope
    headers = envelope.headers(SIGNER.sign(envelope, body))
    return replace(record_of(message), headers=headers, value=body)


def test_what_is_not_written_is_rejected() -> None:
    assert issubclass(UnwritableMessage, Rejected)
