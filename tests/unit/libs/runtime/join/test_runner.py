"""The runtime of a join: its state, its messages, and their times."""

import asyncio
from dataclasses import replace

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from libs.contracts.tool import RunTool
from libs.contracts.topics import PROGRESS
from libs.core.errors import Rejected
from libs.ports.deltas import Delta
from libs.ports.reducer import Join, LateEvents, Tick, Transition
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.join.runner import JoinRunner
from libs.runtime.messaging.bus import Delivery
from libs.testing.fake_clock import JumpingLoop, LoopClock
from libs.testing.fake_publisher import FakePublisher
from libs.testing.records import SIGNER, record_of
from tests.support.runtime.small_join import Gathered, Scene, Talk, advance, ask, clocked, due_at, settle

loop_factory = JumpingLoop


class TestHolding:
    async def test_records_are_done_when_their_join_closes_and_not_before(self) -> None:
        scene, talk = Scene(), Talk()
        await scene.take(talk.opened())
        await scene.take(talk.part("a"))
        assert scene.finished == []
        await scene.take(talk.part("end"))
        assert scene.finished == [0, 1, 2]
        assert scene.published == ["after opened", "after a", "answered a"]

    async def test_one_join_does_not_hold_the_records_of_another(self) -> None:
        scene, one, other = Scene(), Talk(), Talk()
        await scene.take(one.opened())
        await scene.take(other.opened())
        await scene.take(other.part("end"))
        assert scene.finished == [1, 2]

    async def test_nothing_is_done_before_the_last_words_are_acknowledged(self) -> None:
        scene, talk = Scene(), Talk()
        await scene.take(talk.opened())
        scene.publisher.gate.clear()
        ending = scene.start(talk.part("end"))
        await settle()
        assert scene.finished == []
        scene.publisher.gate.set()
        await ending
        assert scene.finished == [0, 1]

    async def test_a_late_part_is_swallowed_and_done(self) -> None:
        scene, talk = Scene(), Talk()
        await scene.take(talk.part("end"))
        await scene.take(talk.part("late"))
        assert scene.published == ["answered"]
        assert scene.finished == [0, 1]

    async def test_what_is_said_about_a_late_part_is_said_before_it_is_done(self) -> None:
        late = LateEvents[Gathered](lambda _: "closed", lambda kept, message: ("heard", (ask(message, kept),)))
        scene, talk = Scene(late=late), Talk()
        await scene.take(talk.part("end"))
        scene.publisher.gate.clear()
        hearing = scene.start(talk.part("late"))
        await settle()
        assert scene.finished == [0]
        scene.publisher.gate.set()
        await hearing
        assert scene.published == ["answered", "after closed"]
        assert scene.finished == [0, 1]
        await scene.take(talk.part("late"))
        assert scene.published[2:] == ["after heard"]

    async def test_a_part_that_arrives_while_the_clock_closes_the_join_is_done_too(self) -> None:
        async with clocked(Scene()) as scene:
            talk = Talk(seconds=5)
            await scene.take(talk.opened())
            scene.publisher.gate.clear()
            await asyncio.sleep(6)
            late = scene.start(talk.part("end"))
            await settle()
            scene.publisher.gate.set()
            await late
            assert scene.published == ["after opened", "expired"]
            assert scene.finished == [0, 1]

    async def test_what_cannot_be_read_is_done(self) -> None:
        scene = Scene()
        broken = replace(record_of(Talk().opened()), value=b"{")
        await scene.runner(Delivery(broken, lambda: scene.finished.append(7)))
        assert (scene.finished, scene.published) == ([7], [])

    async def test_deltas_are_written_before_the_messages_are_acknowledged(self) -> None:
        scene, talk = Scene(), Talk()
        scene.publisher.gate.clear()
        taking = scene.start(talk.part("a"))
        await settle()
        assert [delta.text for delta in scene.deltas.written[talk.origin.response_id]] == ["a"]
        scene.publisher.gate.set()
        await taking

    async def test_a_store_that_does_not_answer_delays_no_message(self) -> None:
        scene, talk = Scene(), Talk()
        scene.deltas.append = _never  # type: ignore[method-assign]
        await scene.take(talk.part("a"))
        assert scene.published == ["after a"]
        assert len(scene.deltas.written[talk.origin.response_id]) == 1


async def _never(response_id: str, delta: Delta) -> None:
    raise AssertionError(f"the join must not wait for {delta} of {response_id}")


class TestClock:
    async def test_a_join_that_is_due_gets_its_tick_and_ends(self) -> None:
        async with clocked(Scene()) as scene:
            await scene.take(Talk(seconds=30).opened())
            await asyncio.sleep(29.9)
            assert scene.published == ["after opened"]
            await asyncio.sleep(0.2)
            assert scene.published == ["after opened", "expired"]
            assert scene.finished == [0]

    async def test_each_join_has_its_own_time(self) -> None:
        async with clocked(Scene()) as scene:
            for seconds in (20, 10, 30):
                await scene.take(Talk(seconds=seconds).opened())
            await asyncio.sleep(15)
            assert scene.finished == [1]
            await asyncio.sleep(10)
            assert scene.finished == [1, 0]
            await asyncio.sleep(10)
            assert scene.finished == [1, 0, 2]

    async def test_a_join_that_closed_in_time_gets_no_tick(self) -> None:
        async with clocked(Scene()) as scene:
            talk = Talk(seconds=10)
            await scene.take(talk.opened())
            await scene.take(talk.part("end"))
            await asyncio.sleep(20)
            assert scene.published == ["after opened", "answered"]

    async def test_an_orphan_whose_deadline_is_over_ends_at_once(self) -> None:
        async with clocked(Scene()) as scene:
            await scene.take(Talk(seconds=-10).part("a"))
            await asyncio.sleep(0.01)
            assert scene.finished == [0]


class TestBeingWatched:
    async def test_a_tick_that_does_not_end_is_told(self, caplog: pytest.LogCaptureFixture) -> None:
        async with clocked(Scene()) as scene:
            await scene.take(Talk(seconds=5).opened())
            scene.publisher.gate.clear()
            await asyncio.sleep(5 + 301)
            scene.watchdog.check()
            assert "moe.pipeline.progress.v1/0 at 0 does not end" in caplog.text
            scene.publisher.gate.set()

    async def test_who_waits_for_its_turn_is_not_blamed(self, caplog: pytest.LogCaptureFixture) -> None:
        scene, talk = Scene(), Talk()
        scene.publisher.gate.clear()
        speaking, waiting = scene.start(talk.opened()), scene.start(talk.part("a"))
        await asyncio.sleep(150)
        scene.watchdog.check()
        await asyncio.sleep(151)
        scene.watchdog.check()
        assert [line.getMessage().partition(" does not end")[0] for line in caplog.records] == [
            "work on moe.pipeline.progress.v1/0 at 0"
        ]
        scene.publisher.gate.set()
        await asyncio.gather(speaking, waiting)


class TestBugs:
    async def test_a_bug_in_the_reducer_ends_the_request_and_frees_its_records(self) -> None:
        scene, talk = Scene(), Talk()
        await scene.take(talk.opened())
        await scene.take(talk.part("bug"))
        assert scene.published == ["after opened", "failed"]
        assert scene.finished == [0, 1]
        await scene.take(scene.publisher.published[-1])  # it returns on the same topic
        assert scene.published == ["after opened", "failed"]
        assert scene.finished == [0, 1, 2]

    async def test_a_bug_on_a_tick_ends_the_request_too(self) -> None:
        scene = Scene()

        def fail_on_tick(state: Gathered | None, event: Message | Tick) -> Transition[Gathered]:
            if isinstance(event, Tick):
                raise ValueError("a bug")
            return advance(state, event)

        place = RuntimeContext(SIGNER, scene.publisher, LoopClock())
        scene.runner = JoinRunner(Join(PROGRESS, fail_on_tick, due_at, scene.deltas), place, scene.errors.append)
        async with clocked(scene):
            await scene.take(Talk(seconds=5).opened())
            await asyncio.sleep(6)
        assert scene.published == ["after opened", "failed"]
        assert (scene.finished, scene.errors) == ([0], [])

    async def test_a_bug_in_the_very_end_is_not_told_again(self) -> None:
        scene = Scene()

        def fail(state: Gathered | None, event: Message | Tick) -> Transition[Gathered]:
            raise ValueError("a bug")

        place = RuntimeContext(SIGNER, scene.publisher, LoopClock())
        scene.runner = JoinRunner(Join(PROGRESS, fail, due_at, scene.deltas), place, scene.errors.append)
        await scene.take(AnswerFinished(outcome="answered").opening(Talk().origin))
        assert (scene.published, scene.finished) == ([], [0])

    async def test_what_no_broker_takes_ends_the_request(self) -> None:
        class Narrow(FakePublisher):
            async def publish(self, *messages: Message) -> None:
                if any(isinstance(message, RunTool) for message in messages):
                    raise Rejected("too large", code="message_too_large")
                await super().publish(*messages)

        scene = Scene(Narrow())
        await scene.take(Talk().opened())
        assert (scene.published, scene.finished) == (["failed"], [0])

    async def test_a_join_waits_for_the_broker(self) -> None:
        scene = Scene(FakePublisher(away=12))
        await scene.take(Talk().part("end"))
        assert (scene.published, scene.finished) == (["answered"], [0])
