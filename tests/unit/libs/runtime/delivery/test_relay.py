"""The relay of a retry topic: when and how it republishes a command, and its outcome when no client waits any more."""

import asyncio
from dataclasses import replace

import pytest

from libs.contracts.answer import AnswerDrafted, AnswerFinished
from libs.contracts.expert import AskExpertT1
from libs.contracts.message import Message
from libs.contracts.model_call import ModelCall, Usage
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.record import Record
from libs.contracts.topics import RETRY_5S
from libs.core.errors import Rejected
from libs.core.reads import parse_reads
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.delivery.outcomes import Stage
from libs.runtime.delivery.relay import Relay
from libs.runtime.delivery.retry_headers import RetryHeaders, first_attempt_at, to_retry_topic
from libs.runtime.messaging.bus import Delivery
from libs.runtime.messaging.codec import Outgoing, decode, encode, verified_envelope
from libs.runtime.messaging.signing import Signer
from libs.testing.fake_clock import TEST_TIME_S, JumpingLoop, LoopClock
from libs.testing.fake_publisher import FakePublisher
from libs.testing.records import SIGNER, lying, record_of, request

loop_factory = JumpingLoop


def asked(*, seconds: float = 600) -> Message:
    ask = AskExpertT1(part="p1", question=Question(text="Why?"), category="general", task="Tell why")
    return ask.opening(request(deadline_at=TEST_TIME_S + seconds))


def lying_for(message: Message, *, pause_s: float = 5, attempts: int = 2, at: float = TEST_TIME_S) -> Record:
    """Command that is on the retry topic since `at`."""
    wait = RetryHeaders(RETRY_5S, attempts, TEST_TIME_S - 1, at + pause_s)
    return replace(lying(to_retry_topic(record_of(message), message, wait)), timestamp_ms=int(at * 1000))


class Scene:
    def __init__(self, publisher: FakePublisher | None = None) -> None:
        self.publisher = publisher or FakePublisher()
        self.finished: list[int] = []
        self.place = RuntimeContext(SIGNER, self.publisher, LoopClock())
        self.relay = Relay(Stage("merger", "ab" * 32), 5.0, self.place)

    async def take(self, record: Record) -> None:
        await self.relay(Delivery(record, lambda: self.finished.append(record.offset)))

    @property
    def sent_back(self) -> Outgoing:
        (outgoing,) = self.publisher.forwarded
        return outgoing


async def test_a_command_goes_back_when_it_is_due_and_not_before() -> None:
    scene = Scene()
    await scene.take(lying_for(asked(), pause_s=5))
    assert asyncio.get_running_loop().time() == pytest.approx(5)
    assert scene.sent_back.topic.name == "moe.pipeline.ask-expert-t1.v1"
    assert scene.finished == [0]


async def test_what_goes_back_is_the_same_message_for_the_next_attempt() -> None:
    scene, ask = Scene(), asked()
    await scene.take(lying_for(ask, attempts=2))
    record = lying(scene.sent_back)
    message = decode(record, verified_envelope(record, SIGNER))
    assert message == ask
    assert replace(message.envelope, attempt=1) == ask.envelope
    assert message.envelope.attempt == 3
    assert first_attempt_at(record, TEST_TIME_S + 99) == TEST_TIME_S - 1
    assert not {"retry_due_at", "retry_topic"} & {name for name, _ in record.headers}


async def test_it_goes_back_to_the_partition_that_it_came_from() -> None:
    scene, ask = Scene(), asked()
    await scene.take(lying_for(ask))
    (original,) = encode(ask, SIGNER)
    assert scene.sent_back.partition(12) == original.partition(12)
    assert scene.sent_back.key == original.key


async def test_one_that_was_due_while_nobody_kept_the_topic_goes_back_at_once() -> None:
    scene = Scene()
    await scene.take(lying_for(asked(), at=TEST_TIME_S - 60))
    assert asyncio.get_running_loop().time() == 0
    assert scene.sent_back is not None


async def test_nobody_can_make_a_command_wait_longer_than_its_topic_allows() -> None:
    scene = Scene()
    await scene.take(lying_for(asked(), pause_s=3600))
    assert asyncio.get_running_loop().time() <= 6


async def test_the_record_is_not_done_before_the_command_is_back() -> None:
    scene = Scene()
    scene.publisher.gate.clear()
    taking = asyncio.get_running_loop().create_task(scene.take(lying_for(asked())))
    await asyncio.sleep(30)
    assert scene.finished == []
    scene.publisher.gate.set()
    await taking
    assert scene.finished == [0]


async def test_a_deadline_that_is_over_by_then_ends_the_part() -> None:
    scene = Scene()
    await scene.take(lying_for(asked(seconds=2)))
    (end,) = scene.publisher.messages
    assert end.schema_name() == "part-completed.v1"
    assert getattr(end, "failure").code == "deadline_exceeded"  # noqa: B009  # a part's, as its name says
    assert [read.kind for read in parse_reads(end.envelope.reads)] == ["stage", "deadline"]
    assert (scene.publisher.forwarded, scene.publisher.letters, scene.finished) == ([], [], [0])


async def test_the_end_of_a_request_whose_deadline_is_over_by_then_is_left_to_the_join() -> None:
    scene = Scene()
    question = QuestionAsked(question=Question(text="Why?"))
    await scene.take(lying_for(question.opening(request(deadline_at=TEST_TIME_S + 2))))
    assert (scene.publisher.published, scene.publisher.forwarded, scene.finished) == ([], [], [0])


async def test_a_request_that_was_cancelled_meanwhile_is_not_worked_on_again() -> None:
    scene, ask = Scene(), asked()
    taking = asyncio.get_running_loop().create_task(scene.take(lying_for(ask)))
    await asyncio.sleep(1)
    scene.place.calls.cancel(ask.envelope.request)
    await taking
    assert (scene.publisher.published, scene.publisher.forwarded, scene.finished) == ([], [], [0])


async def test_an_unsigned_record_becomes_a_dead_letter() -> None:
    scene, ask = Scene(), asked()
    record = replace(lying_for(ask), headers=lying_for(ask).headers[:-4])
    unsigned = record_of(ask, signer=Signer(b"the key of another fleet"))
    await scene.take(replace(unsigned, topic=RETRY_5S.name))
    await scene.take(replace(record, value=b"{"))
    assert len(scene.publisher.letters) == 2
    assert scene.publisher.forwarded == []
    assert scene.finished == [0, 0]


async def test_what_is_no_command_has_no_place_on_a_retry_topic() -> None:
    scene = Scene()
    fact = AnswerFinished(outcome="answered").opening(request())
    await scene.take(replace(record_of(fact), topic=RETRY_5S.name))
    assert [letter.error for letter in scene.publisher.letters] == ["malformed_message"]
    assert (scene.publisher.forwarded, scene.publisher.messages) == ([], [])


async def test_what_no_broker_takes_back_ends_the_part() -> None:
    class Narrow(FakePublisher):
        async def forward(self, *records: Outgoing) -> None:
            raise Rejected("too large", code="message_too_large")

    scene = Scene(Narrow())
    await scene.take(lying_for(asked()))
    assert [message.schema_name() for message in scene.publisher.messages] == ["part-completed.v1"]
    assert scene.finished == [0]


def draft(*, seconds: float = 600) -> Message:
    call = ModelCall(
        stage="judge",
        model="m",
        server="s",
        prompt_sha256="0",
        usage=Usage(prompt_tokens=3),
        duration_ms=1,
        finish_reason="stop",
        id="before",
    )
    told = AnswerDrafted(question=Question(text="Why?"), text="So.", categories=("medical_consult",), calls=(call,))
    return told.opening(request(deadline_at=TEST_TIME_S + seconds))


async def test_of_a_cancelled_command_the_calls_before_it_are_told() -> None:
    scene, command = Scene(), draft()
    scene.place.calls.cancel(command.envelope.request)
    await scene.take(lying_for(command))
    assert scene.publisher.schemas() == ["calls-made.v1"]


async def test_of_a_command_whose_request_the_join_has_ended_the_calls_before_it_are_told() -> None:
    scene = Scene()
    await scene.take(lying_for(draft(seconds=1)))
    assert scene.publisher.schemas() == ["calls-made.v1"]
