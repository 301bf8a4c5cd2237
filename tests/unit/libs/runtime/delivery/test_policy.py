"""The one policy: the outcome of a message, whatever its handler does."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from libs.contracts.progress import PlanDrafted
from libs.contracts.question import QuestionAsked
from libs.contracts.record import Record
from libs.contracts.tool import RunTool
from libs.contracts.topics import RETRY_5M, RETRY_5S, RETRY_30S, Topic
from libs.core.errors import Rejected, Retryable
from libs.core.tenancy import current_tenant
from libs.ports.llm import ModelUnavailable
from libs.runtime.delivery.backoff import Backoff
from libs.runtime.delivery.retry_policy import RetryPolicy
from libs.runtime.messaging.signing import Signer
from libs.testing.fake_clock import TEST_TIME_S, JumpingLoop
from libs.testing.fake_publisher import FakePublisher
from libs.testing.records import SIGNER, record_of, request
from tests.support.runtime.handler_run import CALL, PLAN, Scene, Script, asked, down, settle, tried, with_headers

loop_factory = JumpingLoop


class TestDone:
    async def test_the_outputs_are_said_and_the_input_is_done(self) -> None:
        scene, question = Scene(Script().handle), asked()
        await scene.take(question)
        assert scene.publisher.schemas() == ["plan-drafted.v1"]
        assert scene.publisher.messages[0].envelope.causation_id == question.envelope.event_id
        assert scene.finished == [0]

    async def test_the_input_is_not_done_before_the_outputs_are_acknowledged(self) -> None:
        scene = Scene(Script().handle)
        scene.publisher.gate.clear()
        taking = scene.start(asked())
        await settle()
        assert (scene.publisher.waiting, scene.finished) == (1, [])
        scene.publisher.gate.set()
        await taking
        assert scene.finished == [0]

    async def test_several_outputs_are_said_at_once_and_in_order(self) -> None:
        async def handle(event: QuestionAsked, _deps: str) -> tuple[PlanDrafted | RunTool, ...]:
            return PLAN.after(event), RunTool(part="p1", call=CALL).after(event)

        scene = Scene(handle)
        await scene.take(asked())
        assert scene.publisher.schemas() == ["plan-drafted.v1", "run-tool.v1"]

    @pytest.mark.parametrize("nothing", [None, ()])
    async def test_a_handler_may_have_nothing_to_say(self, nothing: tuple[()] | None) -> None:
        async def handle(event: QuestionAsked, _deps: str) -> tuple[()] | None:
            return nothing

        scene = Scene(handle)
        await scene.take(asked())
        assert (scene.publisher.messages, scene.finished) == ([], [0])

    async def test_what_a_generator_yields_is_said_as_it_comes(self) -> None:
        so_far: list[list[str]] = []

        async def handle(event: QuestionAsked, _deps: str) -> AsyncIterator[PlanDrafted | RunTool]:
            yield PLAN.after(event)
            so_far.append(scene.publisher.schemas())
            yield RunTool(part="p1", call=CALL).after(event)

        scene = Scene(handle)
        await scene.take(asked())
        assert so_far == [["plan-drafted.v1"]]
        assert scene.publisher.schemas() == ["plan-drafted.v1", "run-tool.v1"]
        assert scene.finished == [0]

    async def test_a_message_that_comes_again_is_swallowed_and_done(self) -> None:
        script, question = Script(), asked()
        scene = Scene(script.handle)
        await scene.take(question, offset=0)
        await scene.take(question, offset=1)
        assert len(script.calls) == 1
        assert scene.finished == [0, 1]

    async def test_publishing_goes_on_for_as_long_as_the_broker_is_away(self) -> None:
        scene = Scene(Script().handle, publisher=FakePublisher(away=12))
        await scene.take(asked())
        assert scene.publisher.schemas() == ["plan-drafted.v1"]
        assert scene.finished == [0]


class TestRejected:
    async def test_a_rejected_command_ends_its_request_without_another_try(self) -> None:
        script = Script(Rejected("not for us", code="not_ours"))
        scene = Scene(script.handle)
        await scene.take(asked())
        assert len(script.calls) == 1
        assert scene.publisher.schemas() == ["answer-finished.v1"]
        assert scene.failure_code == "not_ours"
        assert scene.finished == [0]

    async def test_what_no_broker_takes_ends_the_request(self) -> None:
        class Narrow(FakePublisher):
            async def publish(self, *messages: Message) -> None:
                if any(isinstance(message, PlanDrafted) for message in messages):
                    raise Rejected("too large", code="message_too_large")
                await super().publish(*messages)

        scene = Scene(Script().handle, publisher=Narrow())
        await scene.take(asked())
        assert scene.failure_code == "message_too_large"
        assert scene.finished == [0]

    async def test_when_not_even_the_end_can_be_said_the_input_is_done_all_the_same(self) -> None:
        class Shut(FakePublisher):
            async def publish(self, *messages: Message) -> None:
                if any(isinstance(message, AnswerFinished) for message in messages):
                    raise Rejected("no such reply partition")
                await super().publish(*messages)

        scene = Scene(Script(ValueError("a bug")).handle, publisher=Shut())
        await scene.take(asked())
        assert scene.finished == [0]

    @pytest.mark.parametrize(
        "change",
        [
            lambda record: replace(record, value=b"{"),
            lambda record: replace(record, value=record.value + b" "),
            lambda record: replace(record, headers=()),
            lambda record: replace(record, headers=(*record.headers, ("tenant", b"another"))),
            lambda record: replace(record, headers=(*record.headers, ("signature", b"00"))),
            lambda record: replace(record, headers=(*record.headers, ("deadline_at", b"\xff"))),
            lambda record: replace(record, topic="moe.pipeline.run-tool.v1"),
        ],
        ids=["value", "body", "no headers", "tenant", "signature", "unreadable", "topic"],
    )
    async def test_a_record_that_is_not_ours_is_done_and_nothing_is_said(
        self, change: Callable[[Record], Record]
    ) -> None:
        script = Script()
        scene = Scene(script.handle)
        await scene.take_record(change(record_of(asked())))
        assert (script.calls, scene.publisher.messages, scene.finished) == ([], [], [0])

    @pytest.mark.parametrize(
        ("schema", "body"), [("question-asked.v9", b"{}"), ("question-asked.v1", b'{"question": 7}')]
    )
    async def test_a_signed_command_that_we_cannot_read_ends_its_request(self, schema: str, body: bytes) -> None:
        script, question = Script(), asked()
        scene = Scene(script.handle)
        envelope = replace(question.envelope, schema=schema)
        record = replace(record_of(question), value=body, headers=envelope.headers(SIGNER.sign(envelope, body)))
        await scene.take_record(record)
        assert (script.calls, scene.failure_code, scene.finished) == ([], "malformed_message", [0])
        assert scene.publisher.messages[0].envelope.request == question.envelope.request

    async def test_a_record_under_another_key_is_not_ours(self) -> None:
        scene = Scene(Script().handle)
        await scene.take_record(record_of(asked(), signer=Signer(b"the key of another fleet")))
        assert (scene.publisher.messages, scene.finished) == ([], [0])


class TestRetryable:
    async def test_it_is_tried_once_more_in_place_after_a_short_pause(self) -> None:
        script = Script(Retryable("down"))
        scene = Scene(script.handle)
        await scene.take(asked())
        first, second = script.calls
        assert 0.16 <= second - first <= 0.24
        assert scene.publisher.schemas() == ["plan-drafted.v1"]
        assert scene.finished == [0]

    async def test_then_it_waits_on_a_retry_topic_and_its_record_is_done(self) -> None:
        script, question = Script(*down(2)), asked()
        scene = Scene(script.handle)
        await scene.take(question)
        (waiting,) = scene.publisher.forwarded
        assert waiting.topic is RETRY_5S
        assert waiting.value == question.body()
        assert waiting.key == question.envelope.response_id.encode()
        assert dict(waiting.headers)["attempt"] == b"2"
        assert dict(waiting.headers)["retry_topic"] == b"moe.pipeline.question-asked.v1"
        assert (len(script.calls), scene.publisher.published, scene.finished) == (2, [], [0])

    async def test_a_record_is_not_done_before_the_retry_topic_has_it(self) -> None:
        scene = Scene(Script(*down(2)).handle)
        scene.publisher.gate.clear()
        taking = scene.start(asked())
        await asyncio.sleep(1)
        assert (scene.publisher.forwarded, scene.finished) == ([], [])
        scene.publisher.gate.set()
        await taking
        assert (len(scene.publisher.forwarded), scene.finished) == (1, [0])

    async def test_passing_on_goes_on_for_as_long_as_the_broker_is_away(self) -> None:
        scene = Scene(Script(*down(2)).handle, publisher=FakePublisher(away=5))
        await scene.take(asked())
        assert (len(scene.publisher.forwarded), scene.finished) == (1, [0])

    @pytest.mark.parametrize(("attempt", "topic"), [(3, RETRY_30S), (4, RETRY_5M)])
    async def test_a_later_attempt_is_not_repeated_in_place(self, attempt: int, topic: Topic) -> None:
        script = Script(*down(1))
        scene = Scene(script.handle, rules=RetryPolicy(max_elapsed_s=900))
        await scene.take(tried(asked(seconds=900), attempt))
        assert len(script.calls) == 1
        assert [waiting.topic for waiting in scene.publisher.forwarded] == [topic]

    async def test_after_the_last_attempt_the_request_ends_with_the_cause_and_leaves_a_letter(self) -> None:
        script = Script(Retryable("the model server is down", code="model_unavailable"))
        scene = Scene(script.handle, rules=RetryPolicy(max_elapsed_s=900))
        await scene.take(tried(asked(seconds=900), 5))
        assert scene.publisher.forwarded == []
        assert scene.failure_code == "model_unavailable"
        (letter,) = scene.publisher.letters
        assert (letter.error, letter.attempts, letter.stage) == ("model_unavailable", 5, "planner")
        assert scene.finished == [0]

    async def test_the_letter_comes_before_the_end(self) -> None:
        scene = Scene(Script(*down(1)).handle)
        await scene.take(tried(asked(), 5))
        assert [message.schema_name() for message in scene.publisher.published] == [
            "dead-lettered.v1",
            "answer-finished.v1",
        ]

    async def test_no_wait_is_begun_that_would_end_after_the_deadline(self) -> None:
        scene = Scene(Script(*down(2)).handle)
        await scene.take(asked(seconds=3))
        assert scene.publisher.forwarded == []
        assert scene.failure_code == "retryable"
        assert scene.publisher.letters == [], "the deadline ended it, and that is an ordinary end"

    async def test_no_wait_is_begun_that_would_end_after_the_patience_of_the_stage(self) -> None:
        scene = Scene(Script(*down(2)).handle, rules=RetryPolicy(max_elapsed_s=3))
        await scene.take(asked(seconds=900))
        assert (scene.publisher.forwarded, scene.failure_code) == ([], "retryable")
        assert [letter.error for letter in scene.publisher.letters] == ["retryable"]

    async def test_patience_counts_from_the_first_attempt(self) -> None:
        scene = Scene(Script(*down(1)).handle, rules=RetryPolicy(max_elapsed_s=60))
        record = with_headers(record_of(tried(asked(seconds=900), 3)), first_attempt_at=f"{TEST_TIME_S - 50}")
        await scene.take_record(record)
        assert (scene.publisher.forwarded, scene.failure_code) == ([], "retryable")
        (letter,) = scene.publisher.letters
        assert letter.first_failed_at == TEST_TIME_S - 50

    async def test_who_asks_for_a_pause_is_not_asked_again_before(self) -> None:
        script = Script(ModelUnavailable("busy", retry_after_s=20))
        scene = Scene(script.handle)
        await scene.take(asked(seconds=900))
        assert len(script.calls) == 1
        assert [waiting.topic for waiting in scene.publisher.forwarded] == [RETRY_30S]

    async def test_a_fact_is_tried_again_in_place_at_most_five_times(self) -> None:
        tries: list[float] = []

        async def handle(event: AnswerFinished, _deps: str) -> None:
            tries.append(asyncio.get_running_loop().time())
            raise Retryable("down")

        scene = Scene(handle)
        await scene.take(AnswerFinished(outcome="answered").opening(request()))
        assert len(tries) == 5
        assert all(later - earlier >= 0.16 for earlier, later in pairwise(tries)), "a hot loop"
        assert scene.publisher.forwarded == []
        assert [letter.attempts for letter in scene.publisher.letters] == [5]
        assert scene.publisher.messages == [], "a fact ends nothing by failing"
        assert scene.finished == [0]

    async def test_an_attempt_that_was_passed_on_is_swallowed_when_it_comes_again(self) -> None:
        script, question = Script(*down(2)), asked()
        scene = Scene(script.handle)
        await scene.take(question, offset=0)
        await scene.take(question, offset=1)
        assert (len(script.calls), len(scene.publisher.forwarded), scene.finished) == (2, 1, [0, 1])

    async def test_the_next_attempt_of_what_was_passed_on_is_made(self) -> None:
        script, question = Script(*down(2)), asked()
        scene = Scene(script.handle)
        await scene.take(question, offset=0)
        await scene.take(tried(question, 3), offset=1)
        assert len(script.calls) == 3
        assert scene.publisher.schemas() == ["plan-drafted.v1"]

    async def test_nothing_is_done_again_for_what_is_settled_whatever_the_attempt(self) -> None:
        script, question = Script(), asked()
        scene = Scene(script.handle)
        await scene.take(question, offset=0)
        await scene.take(tried(question, 3), offset=1)
        assert len(script.calls) == 1

    async def test_the_same_event_of_another_tenant_is_another_event(self) -> None:
        script, question = Script(), asked()
        scene = Scene(script.handle)
        await scene.take(question, offset=0)
        await scene.take(question.bound(replace(question.envelope, tenant="globex")), offset=1)
        assert len(script.calls) == 2

    def test_the_pause_is_capped(self) -> None:
        assert 4 <= Backoff(first_s=1, cap_s=5).pause_s(30) <= 6


async def test_a_handler_works_for_the_tenant_of_its_message() -> None:
    seen: list[str] = []

    async def look() -> None:
        seen.append(current_tenant())

    await Scene(Script(look).handle).take(asked())
    assert (seen, current_tenant()) == ([asked().envelope.tenant], "")
