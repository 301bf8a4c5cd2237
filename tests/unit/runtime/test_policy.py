"""The one policy: what becomes of a message, whatever its handler does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.finding import Finding
from libs.contracts.message import Message
from libs.contracts.plan import ToolCall
from libs.contracts.progress import PartCompleted, PlanDrafted
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.tool import RunTool
from libs.core.errors import Rejected, Retryable
from libs.runtime.bus import Delivery
from libs.runtime.policy import Backoff, HandlerPolicy, Workplace
from libs.runtime.record import Record
from libs.runtime.service import Handler
from libs.runtime.signing import Signer
from libs.testing.fake_clock import TEST_TIME_S, JumpingLoop, LoopClock
from libs.testing.fake_publisher import FakePublisher
from libs.testing.records import SIGNER, record_of, request

QUESTION = Question(text="Why is the sky blue?")
FIRST = Finding(text="Because of the light.")
PLAN = PlanDrafted(parts=(), source="rule")
CALL = ToolCall(tool="calculate", arguments={})


loop_factory = JumpingLoop


@dataclass
class Scene:
    """A handler at work, with everything around it."""

    handler: Handler
    attempts: int = 3
    publisher: FakePublisher = field(default_factory=FakePublisher)
    finished: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        backoff = Backoff(attempts=self.attempts, first_s=1.0, cap_s=4.0)
        self.place = Workplace(SIGNER, self.publisher, LoopClock(), backoff=backoff)
        self.policy = HandlerPolicy("planner", self.handler, "the deps", self.place)

    async def take(self, message: Message, offset: int = 0) -> None:
        await self.take_record(record_of(message, offset=offset))

    async def take_record(self, record: Record) -> None:
        await self.policy(Delivery(record, lambda: self.finished.append(record.offset)))

    def start(self, message: Message, offset: int = 0) -> "asyncio.Task[None]":
        return asyncio.get_running_loop().create_task(self.take(message, offset))

    @property
    def failure_code(self) -> str:
        (end,) = self.publisher.said
        failure = getattr(end, "failure", None)
        return str(failure.code) if failure is not None else ""


class Script:
    """A handler that does what it is told, one step an attempt."""

    def __init__(self, *steps: Exception | Callable[[], Awaitable[None]] | None) -> None:
        self._steps = list(steps)
        self.calls: list[float] = []

    async def handle(self, event: QuestionAsked, deps: str) -> PlanDrafted:
        self.calls.append(asyncio.get_running_loop().time())
        step = self._steps.pop(0) if self._steps else None
        if isinstance(step, Exception):
            raise step
        if step is not None:
            await step()
        return PLAN.after(event)


def asked(*, seconds: float = 60) -> QuestionAsked:
    return QuestionAsked(question=QUESTION).opening(request(deadline_at=TEST_TIME_S + seconds))


async def for_ever() -> None:
    await asyncio.Event().wait()


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class TestDone:
    async def test_the_outputs_are_said_and_the_input_is_done(self) -> None:
        scene, question = Scene(Script().handle), asked()
        await scene.take(question)
        assert scene.publisher.schemas() == ["plan-drafted.v1"]
        assert scene.publisher.said[0].envelope.causation_id == question.envelope.event_id
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
        assert (scene.publisher.said, scene.finished) == ([], [0])

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
                raise Rejected("no such reply partition")

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
        assert (script.calls, scene.publisher.said, scene.finished) == ([], [], [0])

    @pytest.mark.parametrize(
        ("schema", "body"), [("question-asked.v9", b"{}"), ("question-asked.v1", b'{"question": 7}')]
    )
    async def test_a_signed_record_that_we_cannot_read_is_done(self, schema: str, body: bytes) -> None:
        script = Script()
        scene = Scene(script.handle)
        envelope = replace(asked().envelope, schema=schema)
        record = replace(record_of(asked()), value=body, headers=envelope.headers(SIGNER.sign(envelope, body)))
        await scene.take_record(record)
        assert (script.calls, scene.publisher.said, scene.finished) == ([], [], [0])

    async def test_a_record_under_another_key_is_not_ours(self) -> None:
        scene = Scene(Script().handle)
        await scene.take_record(record_of(asked(), signer=Signer(b"the key of another fleet")))
        assert (scene.publisher.said, scene.finished) == ([], [0])


class TestRetryable:
    async def test_it_is_tried_again_in_place_with_growing_pauses(self) -> None:
        script = Script(Retryable("down"), Retryable("down"))
        scene = Scene(script.handle)
        await scene.take(asked())
        first, second, third = script.calls
        assert 0.8 <= second - first <= 1.2
        assert 1.6 <= third - second <= 2.4
        assert scene.publisher.schemas() == ["plan-drafted.v1"]
        assert scene.finished == [0]

    async def test_after_the_last_attempt_the_request_ends_with_the_cause(self) -> None:
        script = Script(*(Retryable("the model server is down", code="model_unavailable") for _ in range(3)))
        scene = Scene(script.handle, attempts=3)
        await scene.take(asked())
        assert len(script.calls) == 3
        assert scene.failure_code == "model_unavailable"
        assert scene.finished == [0]

    async def test_no_attempt_is_made_that_would_begin_after_the_deadline(self) -> None:
        script = Script(*(Retryable("down") for _ in range(9)))
        scene = Scene(script.handle, attempts=9)
        await scene.take(asked(seconds=4))
        assert all(at < 4 for at in script.calls)
        assert 2 <= len(script.calls) <= 3
        assert scene.failure_code == "retryable"

    def test_the_pause_is_capped(self) -> None:
        assert 4 <= Backoff(first_s=1, cap_s=5).pause_s(30) <= 6


class TestDeadline:
    async def test_a_command_that_comes_too_late_is_not_begun(self) -> None:
        script = Script()
        scene = Scene(script.handle)
        await scene.take(asked(seconds=0))
        assert script.calls == []
        assert scene.failure_code == "deadline_exceeded"
        assert scene.finished == [0]

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
        assert (heard, scene.publisher.said, scene.finished) == (["expired"], [], [0])


class TestCancelling:
    async def test_a_running_handler_is_stopped_and_nothing_is_said(self) -> None:
        scene, question = Scene(Script(for_ever).handle), asked()
        taking = scene.start(question)
        await settle()
        scene.place.calls.cancel(question.envelope.response_id)
        await taking
        assert (scene.publisher.said, scene.finished) == ([], [0])

    async def test_another_request_is_not_stopped(self) -> None:
        scene = Scene(Script(for_ever).handle)
        taking = scene.start(asked())
        await settle()
        scene.place.calls.cancel(asked().envelope.response_id)
        await settle()
        assert not taking.done()
        taking.cancel()

    async def test_a_cancelled_request_is_not_begun(self) -> None:
        script, question = Script(), asked()
        scene = Scene(script.handle)
        scene.place.calls.cancel(question.envelope.response_id)
        await scene.take(question)
        assert (script.calls, scene.publisher.said, scene.finished) == ([], [], [0])

    async def test_a_request_that_is_cancelled_between_two_attempts_is_not_tried_again(self) -> None:
        script, question = Script(Retryable("down")), asked()
        scene = Scene(script.handle)
        taking = scene.start(question)
        await settle()
        scene.place.calls.cancel(question.envelope.response_id)
        await taking
        assert len(script.calls) == 1
        assert (scene.publisher.said, scene.finished) == ([], [0])

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
        scene.place.calls.cancel(question.envelope.response_id)
        await taking
        assert closed == [True]

    async def test_the_end_of_a_cancelled_request_is_still_heard(self) -> None:
        heard: list[str] = []

        async def handle(event: AnswerFinished, _deps: str) -> None:
            heard.append(event.outcome)

        scene, end = Scene(handle), AnswerFinished(outcome="cancelled").opening(request())
        scene.place.calls.cancel(end.envelope.response_id)
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
        assert (scene.publisher.said, scene.finished) == ([], [])
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
        assert (scene.publisher.said, scene.finished) == ([], [])


class TestBug:
    async def test_a_bug_ends_the_request_and_tells_no_secrets(self, caplog: pytest.LogCaptureFixture) -> None:
        scene = Scene(Script(KeyError("the password is 1234")).handle)
        await scene.take(asked())
        (end,) = scene.publisher.said
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
        (end,) = scene.publisher.said
        assert isinstance(end, PartCompleted)
        assert (end.finding, end.failure) == (FIRST, None)

    async def test_who_fails_to_learn_from_a_fact_does_not_end_its_request(self) -> None:
        async def handle(event: AnswerFinished, _deps: str) -> None:
            raise ValueError("a bug")

        scene = Scene(handle)
        await scene.take(AnswerFinished(outcome="answered").opening(request()))
        assert (scene.publisher.said, scene.finished) == ([], [0])

    async def test_an_error_that_ends_the_process_leaves_the_message_for_the_next_one(self) -> None:
        class Broken(FakePublisher):
            async def publish(self, *messages: Message) -> None:
                raise RuntimeError("no such topic")

        scene, question = Scene(Script().handle, publisher=Broken()), asked()
        for _ in range(2):  # it is not taken for known the second time
            with pytest.raises(RuntimeError, match="no such topic"):
                await scene.take(question)
        assert scene.finished == []
