"""A record that cannot be handled: a complete dead letter without secrets."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from libs.contracts.progress import PlanDrafted
from libs.contracts.question import QuestionAsked
from libs.contracts.record import Record
from libs.core.errors import Rejected
from libs.core.ids import SYSTEM_TENANT, reply_partition_of
from libs.runtime.delivery.circuit_breaker import CircuitBreakerLimits, TooManyDeadLetters
from libs.runtime.delivery.dead_letters import MAX_BODY_BYTES
from libs.runtime.messaging.codec import NoSuchReply, encode
from libs.runtime.messaging.signing import Signer
from libs.testing.fake_clock import TEST_TIME_S, JumpingLoop
from libs.testing.fake_publisher import FakePublisher
from libs.testing.records import SIGNER, record_of, request
from tests.support.runtime.handler_run import PLAN, Scene, Script, asked, down, settle, tried

loop_factory = JumpingLoop
OTHER_FLEET = Signer(b"the key of another fleet")


class Secretive(Exception):
    """An error of some library that quotes its input."""


def bugs(times: int) -> list[Exception]:
    return [Secretive("the patient is called Ann") for _ in range(times)]


async def take_all(scene: Scene, records: Sequence[Record]) -> None:
    for record in records:
        await scene.take_record(record)


class TestTheLetter:
    async def test_it_holds_the_record_as_it_was(self) -> None:
        scene, record = Scene(Script(*bugs(1)).handle), replace(record_of(asked(), offset=7), partition=3)
        await scene.take_record(record)
        (letter,) = scene.publisher.letters
        kept = letter.record
        assert (kept.topic, kept.partition, kept.offset) == (record.topic, 3, 7)
        assert kept.timestamp_ms == record.timestamp_ms
        assert base64.b64decode(kept.body) == record.value
        assert base64.b64decode(kept.key) == record.key
        assert tuple((name, base64.b64decode(value)) for name, value in kept.headers) == record.headers
        assert (kept.body_sha256, kept.body_bytes) == (hashlib.sha256(record.value).hexdigest(), len(record.value))

    async def test_it_belongs_to_the_request_of_its_message(self) -> None:
        scene, question = Scene(Script(*bugs(1)).handle), asked()
        await scene.take(question)
        (letter,) = scene.publisher.letters
        assert letter.envelope.request == question.envelope.request
        assert letter.envelope.causation_id == question.envelope.event_id
        assert letter.envelope.subject == question.envelope.subject

    async def test_it_tells_who_failed_how_and_when(self) -> None:
        scene = Scene(Script(*bugs(1)).handle)
        await scene.take(asked())
        (letter,) = scene.publisher.letters
        assert (letter.stage, letter.error, letter.error_class) == ("planner", "internal_error", "Secretive")
        assert (letter.attempts, letter.first_failed_at, letter.last_failed_at) == (1, TEST_TIME_S, TEST_TIME_S)
        assert "+" in letter.code_version

    async def test_neither_its_text_nor_its_traceback_quotes_the_error(self) -> None:
        scene = Scene(Script(*bugs(1)).handle)
        await scene.take(asked())
        (letter,) = scene.publisher.letters
        assert "Ann" not in letter.message + letter.traceback
        assert "handler_run.py" in letter.traceback
        assert "/home" not in letter.traceback

    async def test_the_same_record_gives_the_same_letter_and_another_one_another(self) -> None:
        scene = Scene(Script(*bugs(3)).handle)
        question = asked()
        await scene.take(question, offset=1)
        await scene.take(question, offset=1)
        await scene.take(asked(), offset=2)
        first, again, other = (letter.letter for letter in scene.publisher.letters)
        assert first == again != other

    async def test_a_large_body_is_told_by_its_hash_alone(self) -> None:
        scene = Scene(Script().handle)
        record = replace(record_of(asked()), value=b"x" * (MAX_BODY_BYTES + 1))
        await scene.take_record(record)
        (letter,) = scene.publisher.letters
        assert (letter.record.body, letter.record.body_bytes) == ("", MAX_BODY_BYTES + 1)
        assert letter.record.body_sha256 == hashlib.sha256(record.value).hexdigest()

    async def test_a_letter_that_the_broker_finds_too_large_goes_without_its_content(self) -> None:
        class Narrow(FakePublisher):
            async def publish(self, *messages: Message) -> None:
                if any(len(message.body()) > 2_000 for message in messages):
                    raise Rejected("too large", code="message_too_large")
                await super().publish(*messages)

        scene = Scene(Script().handle, publisher=Narrow())
        await scene.take_record(replace(record_of(asked()), value=b"x" * 5_000))
        (letter,) = scene.publisher.letters
        assert (letter.record.body, letter.record.headers, letter.record.body_bytes) == ("", (), 5_000)
        assert scene.finished == [0]

    async def test_the_record_is_not_done_before_the_letter_is_acknowledged(self) -> None:
        scene = Scene(Script(*bugs(1)).handle)
        scene.publisher.gate.clear()
        taking = scene.start(asked())
        await settle()
        assert (scene.publisher.waiting, scene.finished) == (1, [])
        scene.publisher.gate.set()
        await taking
        assert scene.finished == [0]

    async def test_it_is_written_for_as_long_as_the_broker_is_away(self) -> None:
        scene = Scene(Script(*bugs(1)).handle, publisher=FakePublisher(away=7))
        await scene.take(asked())
        assert (len(scene.publisher.letters), scene.finished) == (1, [0])

    async def test_a_dead_letter_is_not_deduplicated_when_it_is_replayed(self) -> None:
        script, question = Script(*bugs(1)), asked()
        scene = Scene(script.handle)
        await scene.take(question, offset=0)
        await scene.take(question, offset=1)
        assert len(script.calls) == 2
        assert scene.publisher.schemas() == ["answer-finished.v1", "plan-drafted.v1"]


class TestOrdinaryEnds:
    @pytest.mark.parametrize("code", ["model_refused", "context_length", "empty_answer", "message_too_large"])
    async def test_a_refusal_is_no_dead_letter(self, code: str) -> None:
        scene = Scene(Script(Rejected("no", code=code)).handle)
        await scene.take(asked())
        assert (scene.publisher.letters, scene.failure_code) == ([], code)

    async def test_an_expired_command_is_no_dead_letter(self) -> None:
        scene = Scene(Script().handle)
        await scene.take(asked(seconds=-1))
        assert scene.publisher.letters == []

    async def test_a_cancelled_command_is_no_dead_letter(self) -> None:
        scene, question = Scene(Script().handle), asked()
        scene.place.calls.cancel(question.envelope.request)
        await scene.take(question)
        assert scene.publisher.published == []

    async def test_a_deadline_that_passes_while_a_handler_computes_is_met_before_it_says_anything(self) -> None:
        async def handle(event: QuestionAsked, _deps: str) -> PlanDrafted:
            scene.clock.skip(100)  # it never awaits, so no timer can stop it
            return PLAN.after(event)

        scene = Scene(handle)
        await scene.take(asked(seconds=60))
        assert scene.failure_code == "deadline_exceeded"

    async def test_a_reply_that_cannot_be_placed_is_a_dead_letter(self) -> None:
        scene = Scene(Script(NoSuchReply("partition 4000, but the topic has 64")).handle)
        await scene.take(asked())
        assert [letter.error for letter in scene.publisher.letters] == ["no_such_reply"]


UNTRUSTED: dict[str, Callable[[Record], Record]] = {
    "body changed": lambda record: replace(record, value=record.value + b" "),
    "tenant changed": lambda record: replace(record, headers=(*record.headers, ("tenant", b"globex"))),
    "another key": lambda _: record_of(asked(), signer=OTHER_FLEET),
}


class TestUnsignedRecords:
    @pytest.mark.parametrize("change", UNTRUSTED.values(), ids=UNTRUSTED)
    async def test_an_unsigned_record_becomes_a_dead_letter_and_is_audited_under_the_system(
        self, change: Callable[[Record], Record]
    ) -> None:
        scene = Scene(Script().handle)
        await scene.take_record(change(record_of(asked())))
        (letter,), (act,) = scene.publisher.letters, scene.publisher.acts
        assert (letter.error, letter.envelope.tenant) == ("bad_signature", SYSTEM_TENANT)
        assert (act.action, act.actor, act.reason) == ("message-rejected", "planner", "bad_signature")
        assert act.target == "moe.pipeline.question-asked.v1/0/0"
        assert act.envelope.request == letter.envelope.request
        assert scene.publisher.messages == [], "it names a request, but is not signed"

    async def test_a_record_without_an_envelope_has_nobody_to_audit(self) -> None:
        scene = Scene(Script().handle)
        await scene.take_record(replace(record_of(asked()), headers=()))
        assert [letter.error for letter in scene.publisher.letters] == ["malformed_envelope"]
        assert scene.publisher.acts == []

    async def test_the_letter_of_an_unsigned_record_can_be_read_back_from_the_log(self) -> None:
        scene = Scene(Script().handle)
        await scene.take_record(replace(record_of(asked()), value=b"\xff\xfe"))
        (letter,) = scene.publisher.letters
        (outgoing,) = encode(letter, SIGNER)
        assert outgoing.partition(4) in range(4)
        assert reply_partition_of(letter.envelope.response_id) == 4095

    async def test_neither_letter_nor_act_quotes_the_headers(self) -> None:
        scene = Scene(Script().handle)
        broken = replace(record_of(asked()), headers=(*record_of(asked()).headers, ("deadline_at", b"for Ann")))
        await scene.take_record(broken)
        (letter,) = scene.publisher.letters
        assert "Ann" not in letter.message


class TestTheBreaker:
    LIMITS = CircuitBreakerLimits(ratio=0.5, window=10, in_a_row=4, unsigned=5)

    async def test_bugs_in_a_row_stop_the_consumer_before_the_record_is_done(self) -> None:
        scene = Scene(Script(*bugs(9)).handle, limits=self.LIMITS)
        for offset in range(3):
            await scene.take(asked(), offset=offset)
        with pytest.raises(TooManyDeadLetters):
            await scene.take(asked(), offset=3)
        assert scene.finished == [0, 1, 2]
        assert len(scene.publisher.letters) == 3

    async def test_a_good_record_in_between_begins_the_row_anew(self) -> None:
        scene = Scene(Script(*bugs(3), None, *bugs(3)).handle, limits=self.LIMITS)
        for offset in range(7):
            await scene.take(asked(), offset=offset)
        assert len(scene.publisher.letters) == 6

    async def test_too_large_a_share_of_bugs_stops_the_consumer(self) -> None:
        script = Script(*[step for _ in range(5) for step in (*bugs(2), None)])
        scene = Scene(script.handle, limits=self.LIMITS)
        with pytest.raises(TooManyDeadLetters, match="of the last 10"):
            await take_all(scene, [record_of(asked(), offset=offset) for offset in range(15)])

    async def test_junk_does_not_stop_a_consumer_that_has_seen_a_good_signature(self) -> None:
        scene = Scene(Script().handle, limits=self.LIMITS)
        await scene.take(asked(), offset=0)
        for offset in range(1, 50):
            await scene.take_record(record_of(asked(), offset=offset, signer=OTHER_FLEET))
        assert scene.finished == list(range(50))

    async def test_a_consumer_that_finds_no_good_signature_at_all_stops(self) -> None:
        scene = Scene(Script().handle, limits=self.LIMITS)
        with pytest.raises(TooManyDeadLetters, match="MOE_SIGNING_KEY"):
            await take_all(scene, [record_of(asked(), offset=offset, signer=OTHER_FLEET) for offset in range(9)])
        assert scene.finished == [0, 1, 2, 3]

    async def test_a_world_that_is_down_does_not_stop_the_consumer(self) -> None:
        scene = Scene(Script(*down(20)).handle, limits=self.LIMITS)
        for offset in range(20):
            await scene.take(tried(asked(), 5), offset=offset)
        assert len(scene.publisher.letters) == 20

    async def test_refusals_do_not_stop_the_consumer(self) -> None:
        scene = Scene(Script(*(Rejected("no") for _ in range(20))).handle, limits=self.LIMITS)
        for offset in range(20):
            await scene.take(asked(), offset=offset)
        assert len(scene.finished) == 20


async def test_a_tail_writes_no_letters_because_another_service_answers_for_its_topic() -> None:
    async def handle(event: AnswerFinished, _deps: str) -> None:
        raise Secretive("a bug")

    scene = Scene(handle, tail=True)
    await scene.take(AnswerFinished(outcome="answered").opening(request()))
    await scene.take_record(record_of(asked(), signer=OTHER_FLEET))
    assert (scene.publisher.published, scene.finished) == ([], [0, 0])
