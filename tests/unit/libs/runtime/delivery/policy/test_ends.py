"""The one policy: deadlines, cancellation and bugs."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.message import Message
from libs.contracts.progress import PartCompleted, PlanDrafted
from libs.contracts.question import QuestionAsked
from libs.core.errors import Rejected, Retryable
from libs.testing.fake_clock import TEST_TIME_S, JumpingLoop
from libs.testing.fake_publisher import FakePublisher
from libs.testing.records import request
from tests.support.runtime.handler_run import FIRST, PLAN, QUESTION, Scene, Script, asked, for_ever, settle

loop_factory = JumpingLoop


class TestDeadline:
    async def test_a_command_that_comes_too_late_is_not_begun(self) -> None:
        script = Script()
        scene = Scene(script.handle)
        await scene.take(asked(seconds=0))
        assert (script.calls, scene.finished) == ([], [0])

    async def test_the_end_of_a_request_that_came_too_late_is_left_to_the_join(self) -> None:
        scene = Scene(Script().handle)
        await scene.take(asked(seconds=0))
        assert scene.publisher.published == []

    async def test_a_part_that_came_too_late_gets_its_end(self) -> None:
        async def handle(event: AskExpertT1, _deps: str) -> PartCompleted:
            raise AssertionError("it is too late")

        ask = AskExpertT1(part="p1", question=QUESTION, category="math", task="Why?")
        scene = Scene(handle)
        await scene.take(ask.opening(request(deadline_at=TEST_TIME_S)))
        assert scene.publisher.schemas() == ["part-completed.v1"]
        assert scene.failure_code == "deadline_exceeded"

    async def test_a_handler_that_is_over_its_deadline_is_stopped(self) -> None:
        script = Script(for_ever)
        scene = Scene(script.handle)
        await scene.take(asked(seconds=7))
        assert asyncio.get_running_loop().time() == pytest.approx(7)
        assert len(script.calls) == 1
        assert scene.failure_code == "deadline_exceeded"

    async def test_a_timeout_of_the_handler_s_own_is_a_bug(self) -> None:
        scene = Scene(Script(TimeoutError("forgot to translate")).handle)
        await scene.take(asked())
        assert scene.failure_code == "internal_error"

    async def test_a_fact_has_no_deadline(self) -> None:
        heard: list[str] = []

        async def handle(event: AnswerFinished, _deps: str) -> None:
            heard.append(event.outcome)

        scene = Scene(handle)
        await scene.take(AnswerFinished(outcome="expired").opening(request(deadline_at=TEST_TIME_S - 60)))
        assert (heard, scene.publisher.messages, scene.finished) == (["expired"], [], [0])


class TestCancelling:
    async def test_a_running_handler_is_stopped_and_nothing_is_said(self) -> None:
        scene, question = Scene(Script(for_ever).handle), asked()
        taking = scene.start(question)
        await settle()
        scene.place.calls.cancel(question.envelope.request)
        await taking
        assert (scene.publisher.messages, scene.finished) == ([], [0])

    async def test_another_request_is_not_stopped(self) -> None:
        scene = Scene(Script(for_ever).handle)
        taking = scene.start(asked())
        await settle()
        scene.place.calls.cancel(asked().envelope.request)
        await settle()
        assert not taking.done()
        taking.cancel()

    async def test_a_cancelled_request_is_not_begun(self) -> None:
        script, question = Script(), asked()
        scene = Scene(script.handle)
        scene.place.calls.cancel(question.envelope.request)
        await scene.take(question)
        assert (script.calls, scene.publisher.messages, scene.finished) == ([], [], [0])

    async def test_a_request_that_is_cancelled_between_two_attempts_is_not_tried_again(self) -> None:
        script, question = Script(Retryable("down")), asked()
        scene = Scene(script.handle)
        taking = scene.start(question)
        await settle()
        scene.place.calls.cancel(question.envelope.request)
        await taking
        assert len(script.calls) == 1
        assert (scene.publisher.messages, scene.finished) == ([], [0])

    async def test_a_generator_is_closed_at_once_even_between_two_outputs(self) -> None:
        closed: list[bool] = []

        async def handle(event: QuestionAsked, _deps: str) -> AsyncIterator[PlanDrafted]:
            try:
                yield PLAN.after(event)
            finally:
                closed.append(True)

        scene, question = Scene(handle), asked()
        scene.publisher.gate.clear()
        taking = scene.start(question)
        await settle()
        scene.place.calls.cancel(question.envelope.request)
        await taking
        assert closed == [True]

    async def test_the_end_of_a_cancelled_request_is_still_heard(self) -> None:
        heard: list[str] = []

        async def handle(event: AnswerFinished, _deps: str) -> None:
            heard.append(event.outcome)

        scene, end = Scene(handle), AnswerFinished(outcome="cancelled").opening(request())
        scene.place.calls.cancel(end.envelope.request)
        await scene.take(end)
        assert heard == ["cancelled"]

    async def test_when_the_partition_is_lost_nothing_is_done_and_it_may_come_again(self) -> None:
        script, question = Script(for_ever), asked()
        scene = Scene(script.handle)
        taking = scene.start(question)
        await settle()
        taking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await taking
        assert (scene.publisher.messages, scene.finished) == ([], [])
        await scene.take(question)
        assert len(script.calls) == 2
        assert scene.finished == [0]

    async def test_a_handler_that_answers_the_loss_with_an_error_does_not_hide_it(self) -> None:
        async def handle(event: QuestionAsked, _deps: str) -> PlanDrafted:
            try:
                await for_ever()
            except asyncio.CancelledError as error:
                raise Retryable("connection closed") from error
            return PLAN.after(event)

        scene = Scene(handle)
        taking = scene.start(asked())
        await settle()
        taking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await taking
        assert (scene.publisher.messages, scene.finished) == ([], [])


class TestBug:
    async def test_a_bug_ends_the_request_and_tells_no_secrets(self, caplog: pytest.LogCaptureFixture) -> None:
        scene = Scene(Script(KeyError("the password is 1234")).handle)
        await scene.take(asked())
        (end,) = scene.publisher.messages
        assert scene.failure_code == "internal_error"
        assert b"1234" not in end.body()
        assert "the password is 1234" in caplog.text  # the traceback is for us
        assert scene.finished == [0]

    async def test_a_stray_cancellation_is_a_bug(self) -> None:
        async def handle(event: QuestionAsked, _deps: str) -> PlanDrafted:
            somebody: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            somebody.cancel()
            await somebody
            return PLAN.after(event)

        scene = Scene(handle)
        await scene.take(asked())
        assert scene.failure_code == "internal_error"
        assert scene.finished == [0]

    async def test_a_part_that_fails_ends_alone(self) -> None:
        async def handle(event: AskExpertT1, _deps: str) -> PartCompleted:
            raise ValueError("a bug")

        scene = Scene(handle)
        await scene.take(AskExpertT1(part="p1", question=QUESTION, category="math", task="Why?").opening(request()))
        assert scene.publisher.schemas() == ["part-completed.v1"]
        assert scene.failure_code == "internal_error"

    async def test_when_the_second_tier_fails_the_finding_of_the_first_stands(self) -> None:
        async def handle(event: AskExpertT2, _deps: str) -> PartCompleted:
            raise Rejected("context too long")

        ask = AskExpertT2(part="p1", question=QUESTION, category="math", task="Why?", first=FIRST)
        scene = Scene(handle)
        await scene.take(ask.opening(request()))
        (end,) = scene.publisher.messages
        assert isinstance(end, PartCompleted)
        assert (end.finding, end.failure) == (FIRST, None)

    async def test_who_fails_to_learn_from_a_fact_does_not_end_its_request(self) -> None:
        async def handle(event: AnswerFinished, _deps: str) -> None:
            raise ValueError("a bug")

        scene = Scene(handle)
        await scene.take(AnswerFinished(outcome="answered").opening(request()))
        assert (scene.publisher.messages, scene.finished) == ([], [0])

    async def test_an_error_that_ends_the_process_leaves_the_message_for_the_next_one(self) -> None:
        class Broken(FakePublisher):
            async def publish(self, *messages: Message) -> None:
                raise RuntimeError("no such topic")

        scene, question = Scene(Script().handle, publisher=Broken()), asked()
        for _ in range(2):  # it is not taken for known the second time
            with pytest.raises(RuntimeError, match="no such topic"):
                await scene.take(question)
        assert scene.finished == []
