"""The one policy: what becomes of a message, whatever its handler does."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from libs.contracts.message import Message
from libs.contracts.progress import PlanDrafted
from libs.contracts.question import QuestionAsked
from libs.contracts.tool import RunTool
from libs.core.errors import Rejected, Retryable
from libs.runtime.policy import Backoff
from libs.runtime.record import Record
from libs.runtime.signing import Signer
from libs.testing.fake_clock import JumpingLoop
from libs.testing.fake_publisher import FakePublisher
from libs.testing.records import SIGNER, record_of
from tests.unit.runtime.policy_scene import CALL, PLAN, Scene, Script, asked, settle

loop_factory = JumpingLoop


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
