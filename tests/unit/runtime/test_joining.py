"""The runtime of a join: what is held, what is said, and when; over closings, crashes, bugs and the clock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.envelope import Envelope
from libs.contracts.message import Message
from libs.contracts.plan import ToolCall
from libs.contracts.progress import PartCompleted, RequestCancelled, RequestOpened
from libs.contracts.question import Question
from libs.contracts.tool import RunTool
from libs.contracts.topics import PROGRESS
from libs.core.errors import Rejected
from libs.ports.deltas import Delta
from libs.runtime.bus import Delivery, Feed
from libs.runtime.codec import encode
from libs.runtime.fold import Join, Step, Tick
from libs.runtime.joining import JoinRunner
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.policy import Workplace
from libs.runtime.publisher import BusPublisher
from libs.testing.fake_clock import TEST_TIME_S, JumpingLoop, LoopClock
from libs.testing.fake_deltas import FakeDeltas
from libs.testing.fake_publisher import FakePublisher
from libs.testing.records import SIGNER, record_of, request

loop_factory = JumpingLoop
CALL = ToolCall(tool="calculate", arguments={})


@dataclass(frozen=True)
class Gathered:
    """The state of the tests' own join: the names of the parts, and what it follows."""

    cause: Message
    parts: tuple[str, ...] = ()


def advance(state: Gathered | None, event: Message | Tick) -> Step[Gathered]:
    """Ask for a part when opened, gather, answer at the part `end`, expire on a tick, obey any other end."""
    match event:
        case Tick():
            assert state is not None
            return Step(state, (AnswerFinished(outcome="expired").after(state.cause),), closed=True)
        case AnswerFinished() | RequestCancelled():
            return Step(state or Gathered(event), closed=True)
        case PartCompleted(part="bug"):
            raise ValueError("a bug in the reducer")
        case PartCompleted(part="end"):
            parts = state.parts if state is not None else ()
            return Step(Gathered(event, parts), (ended(event, parts),), closed=True)
        case PartCompleted(part=part):
            following = replace(state, parts=(*state.parts, part)) if state is not None else Gathered(event, (part,))
            return Step(following, (ask(event, part),), (Delta("progress", text=part),))
        case _:
            return Step(Gathered(event), (ask(event, "opened"),))


def due_at(state: Gathered) -> float | None:
    return state.cause.envelope.deadline_at


def ask(cause: Message, part: str) -> Message:
    return RunTool(part=f"after {part}", call=CALL).after(cause)


def ended(cause: Message, parts: tuple[str, ...]) -> Message:
    return AnswerFinished(outcome="answered", text="+".join(parts)).after(cause)


class Scene:
    """A runner that is handed records one by one."""

    def __init__(self, publisher: FakePublisher | None = None) -> None:
        self.publisher = publisher or FakePublisher()
        self.deltas = FakeDeltas()
        self.errors: list[BaseException] = []
        self.finished: list[int] = []
        self.offset = -1
        place = Workplace(SIGNER, self.publisher, LoopClock())
        self.runner = JoinRunner(Join(PROGRESS, advance, due_at, self.deltas), place, self.errors.append)

    async def take(self, message: Message, partition: int = 0) -> None:
        """Hand over a message as the next record of the partition."""
        self.offset += 1
        await self.runner(self._delivery(message, self.offset, partition))

    def start(self, message: Message) -> "asyncio.Task[None]":
        return asyncio.get_running_loop().create_task(self.take(message))

    def _delivery(self, message: Message, offset: int, partition: int) -> Delivery:
        record = record_of(message, offset=offset, partition=partition)
        return Delivery(record, lambda: self.finished.append(offset))

    @property
    def said(self) -> list[str]:
        return said_by(self.publisher.said)


def said_by(messages: list[Message]) -> list[str]:
    return [message.part if isinstance(message, RunTool) else outcome(message) for message in messages]


def outcome(message: Message) -> str:
    assert isinstance(message, AnswerFinished)
    return f"{message.outcome} {message.text}".strip()


class Talk:
    """The messages of one request."""

    def __init__(self, *, seconds: float = 60) -> None:
        self.envelope: Envelope = request(deadline_at=TEST_TIME_S + seconds)

    def opened(self) -> Message:
        question = Question(text="Why?")
        return RequestOpened(question=question, model="default", accepted_at=TEST_TIME_S).opening(self.envelope)

    def part(self, name: str) -> Message:
        return PartCompleted(part=name, part_kind="tool").opening(self.envelope)

    def cancelled(self) -> Message:
        return RequestCancelled(reason="client gone").opening(self.envelope)


@asynccontextmanager
async def clocked(scene: Scene) -> AsyncIterator[Scene]:
    async with scene.runner:
        yield scene


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class TestHolding:
    async def test_records_are_done_when_their_join_closes_and_not_before(self) -> None:
        scene, talk = Scene(), Talk()
        await scene.take(talk.opened())
        await scene.take(talk.part("a"))
        assert scene.finished == []
        await scene.take(talk.part("end"))
        assert scene.finished == [0, 1, 2]
        assert scene.said == ["after opened", "after a", "answered a"]

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
        assert scene.said == ["answered"]
        assert scene.finished == [0, 1]

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
            assert scene.said == ["after opened", "expired"]
            assert scene.finished == [0, 1]

    async def test_what_cannot_be_read_is_done(self) -> None:
        scene = Scene()
        broken = replace(record_of(Talk().opened()), value=b"{")
        await scene.runner(Delivery(broken, lambda: scene.finished.append(7)))
        assert (scene.finished, scene.said) == ([7], [])

    async def test_deltas_are_written_before_the_messages_are_acknowledged(self) -> None:
        scene, talk = Scene(), Talk()
        scene.publisher.gate.clear()
        taking = scene.start(talk.part("a"))
        await settle()
        assert [delta.text for delta in scene.deltas.written[talk.envelope.response_id]] == ["a"]
        scene.publisher.gate.set()
        await taking


class TestClock:
    async def test_a_join_that_is_due_gets_its_tick_and_ends(self) -> None:
        async with clocked(Scene()) as scene:
            await scene.take(Talk(seconds=30).opened())
            await asyncio.sleep(29.9)
            assert scene.said == ["after opened"]
            await asyncio.sleep(0.2)
            assert scene.said == ["after opened", "expired"]
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
            assert scene.said == ["after opened", "answered"]

    async def test_an_orphan_whose_deadline_is_over_ends_at_once(self) -> None:
        async with clocked(Scene()) as scene:
            await scene.take(Talk(seconds=-10).part("a"))
            await asyncio.sleep(0.01)
            assert scene.finished == [0]


class TestBugs:
    async def test_a_bug_in_the_reducer_ends_the_request_and_frees_its_records(self) -> None:
        scene, talk = Scene(), Talk()
        await scene.take(talk.opened())
        await scene.take(talk.part("bug"))
        assert scene.said == ["after opened", "failed"]
        assert scene.finished == [0, 1]
        await scene.take(scene.publisher.said[-1])  # it comes back on the same topic
        assert scene.said == ["after opened", "failed"]
        assert scene.finished == [0, 1, 2]

    async def test_a_bug_on_a_tick_ends_the_request_too(self) -> None:
        scene = Scene()

        def fail_on_tick(state: Gathered | None, event: Message | Tick) -> Step[Gathered]:
            if isinstance(event, Tick):
                raise ValueError("a bug")
            return advance(state, event)

        place = Workplace(SIGNER, scene.publisher, LoopClock())
        scene.runner = JoinRunner(Join(PROGRESS, fail_on_tick, due_at, scene.deltas), place, scene.errors.append)
        async with clocked(scene):
            await scene.take(Talk(seconds=5).opened())
            await asyncio.sleep(6)
        assert scene.said == ["after opened", "failed"]
        assert (scene.finished, scene.errors) == ([0], [])

    async def test_a_bug_in_the_very_end_is_not_told_again(self) -> None:
        scene = Scene()

        def fail(state: Gathered | None, event: Message | Tick) -> Step[Gathered]:
            raise ValueError("a bug")

        place = Workplace(SIGNER, scene.publisher, LoopClock())
        scene.runner = JoinRunner(Join(PROGRESS, fail, due_at, scene.deltas), place, scene.errors.append)
        await scene.take(AnswerFinished(outcome="answered").opening(Talk().envelope))
        assert (scene.said, scene.finished) == ([], [0])

    async def test_what_no_broker_takes_ends_the_request(self) -> None:
        class Narrow(FakePublisher):
            async def publish(self, *messages: Message) -> None:
                if any(isinstance(message, RunTool) for message in messages):
                    raise Rejected("too large", code="message_too_large")
                await super().publish(*messages)

        scene = Scene(Narrow())
        await scene.take(Talk().opened())
        assert (scene.said, scene.finished) == (["failed"], [0])

    async def test_a_join_waits_for_the_broker(self) -> None:
        scene = Scene(FakePublisher(away=12))
        await scene.take(Talk().part("end"))
        assert (scene.said, scene.finished) == (["answered"], [0])


class TestReadingBack:
    async def test_an_open_join_says_again_all_it_said_once_the_log_is_read_back(self) -> None:
        scene, talk = Scene(), Talk()
        scene.runner.assigned({0: 2})
        await scene.take(talk.opened())
        assert scene.said == []
        await scene.take(talk.part("a"))
        assert scene.said == ["after opened", "after a"]
        await scene.take(talk.part("b"))
        assert scene.said == ["after opened", "after a", "after b"]
        assert scene.finished == []

    async def test_a_closed_join_says_its_last_words_only(self) -> None:
        scene, talk = Scene(), Talk()
        scene.runner.assigned({0: 4})
        for message in (talk.opened(), talk.part("a"), talk.part("end")):
            await scene.take(message)
        assert scene.said == ["answered a"]
        assert scene.finished == [0, 1, 2]

    async def test_no_deltas_are_written_again(self) -> None:
        scene, talk = Scene(), Talk()
        scene.runner.assigned({0: 2})
        await scene.take(talk.opened())
        await scene.take(talk.part("a"))
        assert scene.deltas.written == {}

    async def test_another_partition_is_not_held_up(self) -> None:
        scene, old, new = Scene(), Talk(), Talk()
        scene.runner.assigned({0: 2})
        await scene.take(old.opened())
        await scene.take(new.opened(), partition=1)
        assert scene.said == ["after opened"]

    async def test_what_is_new_is_said_after_what_was_left_unsaid(self) -> None:
        scene, talk = Scene(), Talk()
        scene.runner.assigned({0: 1})
        scene.publisher.gate.clear()
        reading = scene.start(talk.opened())
        await settle()
        following = scene.start(talk.part("a"))
        await settle()
        scene.publisher.gate.set()
        await asyncio.gather(reading, following)
        assert scene.said == ["after opened", "after a"]

    async def test_a_record_that_cannot_be_read_may_be_the_last_one(self) -> None:
        scene = Scene()
        scene.runner.assigned({0: 2})
        await scene.take(Talk().opened())
        broken = replace(record_of(Talk().opened(), offset=1), value=b"{")
        await scene.runner(Delivery(broken, lambda: None))
        assert scene.said == ["after opened"]

    async def test_the_clock_runs_while_the_log_is_read_back(self) -> None:
        async with clocked(Scene()) as scene:
            scene.runner.assigned({0: 100})
            await scene.take(Talk(seconds=5).opened())
            await asyncio.sleep(6)
            assert scene.said == ["expired"]
            assert scene.finished == [0]


class TestLosingPartitions:
    async def test_what_is_known_about_a_lost_partition_is_forgotten(self) -> None:
        scene, talk = Scene(), Talk()
        await scene.take(talk.part("a"))
        scene.runner.lost([0])
        await scene.take(talk.part("b"))
        await scene.take(talk.part("end"))
        assert scene.said[-1] == "answered b"
        assert scene.finished == [1, 2]

    async def test_the_other_partitions_are_kept(self) -> None:
        scene, talk = Scene(), Talk()
        await scene.take(talk.part("a"), partition=1)
        scene.runner.lost([0])
        await scene.take(talk.part("end"), partition=1)
        assert scene.said[-1] == "answered a"

    async def test_a_join_that_was_lost_while_it_said_its_last_words_may_be_rebuilt(self) -> None:
        scene, talk = Scene(), Talk()
        scene.runner.assigned({0: 1})
        scene.publisher.gate.clear()
        ending = scene.start(talk.part("end"))
        await settle()
        ending.cancel()  # as a rebalance does
        await asyncio.wait([ending])
        scene.runner.lost([0])
        scene.publisher.gate.set()
        scene.runner.assigned({0: 1})
        scene.offset = -1
        await scene.take(talk.part("end"))
        assert scene.said == ["answered"]
        assert scene.finished == [0]

    async def test_a_tick_of_a_lost_join_does_not_close_its_successor(self) -> None:
        async with clocked(Scene()) as scene:
            talk = Talk(seconds=5)
            await scene.take(talk.opened())
            scene.publisher.gate.clear()
            await asyncio.sleep(6)  # the tick waits for its acknowledgement
            scene.runner.lost([0])
            rebuilding = scene.start(talk.opened())
            await settle()
            scene.publisher.gate.set()
            await rebuilding
            await asyncio.sleep(0.01)  # it is due as well
            assert scene.said == ["after opened", "expired", "after opened", "expired"]
            assert scene.finished == [1]


class Process:
    """A process with the join on a bus in memory."""

    def __init__(self, broker: MemoryBroker) -> None:
        self.bus = MemoryBus(broker)
        self._place = Workplace(SIGNER, BusPublisher(self.bus, SIGNER), LoopClock())
        self.runner = JoinRunner(Join(PROGRESS, advance, due_at, FakeDeltas()), self._place, self._fail)
        self.bus.add(Feed("merger", PROGRESS.name, self.runner, ordered=True, watcher=self.runner))

    @staticmethod
    def _fail(error: BaseException) -> None:
        raise error

    async def hear(self, *messages: Message) -> None:
        for message in messages:
            await self.bus.send([encode(message, SIGNER)[-1]])
        await settle()


class TestCrashing:
    @pytest.fixture
    async def broker(self) -> MemoryBroker:
        return MemoryBroker(partitions=2, clock=LoopClock())

    @staticmethod
    def said(broker: MemoryBroker, talk: Talk) -> list[str]:
        key = talk.envelope.response_id.encode()
        return [
            dict(record.headers)["event_id"].decode()
            for record in broker.records()
            if record.key == key and dict(record.headers)["causation_id"]
        ]

    @pytest.mark.parametrize("end", ["crash", "stop"])
    async def test_a_rebuilt_join_answers_from_everything_that_was_on_the_log(
        self, broker: MemoryBroker, end: str
    ) -> None:
        first, talk = Process(broker), Talk()
        await first.bus.start()
        await first.hear(talk.opened(), talk.part("a"), talk.part("b"))
        await (first.bus.crash() if end == "crash" else first.bus.stop())
        second = Process(broker)
        await second.bus.start()
        await second.hear(talk.part("end"))
        answers = [record for record in broker.records() if record.topic == "moe.pipeline.answer-finished.v1"]
        assert [b'"text":"a+b"' in answer.value for answer in answers] == [True]
        await second.bus.stop()

    async def test_what_is_said_again_has_the_ids_of_the_first_time(self, broker: MemoryBroker) -> None:
        first, talk = Process(broker), Talk()
        await first.bus.start()
        await first.hear(talk.opened(), talk.part("a"))
        once = self.said(broker, talk)
        await first.bus.crash()
        second = Process(broker)
        await second.bus.start()
        await settle()
        twice = self.said(broker, talk)
        assert sorted(twice) == sorted([*once, *once])
        assert len(set(once)) == len(once) == 2
        await second.bus.stop()

    async def test_a_join_that_closed_and_was_committed_says_nothing_more(self, broker: MemoryBroker) -> None:
        first, talk = Process(broker), Talk()
        await first.bus.start()
        await first.hear(talk.opened(), talk.part("end"))
        before = self.said(broker, talk)
        await first.bus.stop()
        second = Process(broker)
        await second.bus.start()
        await settle()
        assert self.said(broker, talk) == before
        await second.bus.stop()

    async def test_a_member_that_takes_over_goes_on_with_the_open_joins(self, broker: MemoryBroker) -> None:
        first, second = Process(broker), Process(broker)
        talks = [Talk() for _ in range(8)]
        await first.bus.start()
        for talk in talks:
            await first.hear(talk.opened(), talk.part("a"))
        await second.bus.start()
        await settle()
        for talk in talks:
            await second.hear(talk.part("end"))
        answers = [record for record in broker.records() if record.topic == "moe.pipeline.answer-finished.v1"]
        assert len(answers) == len(talks)
        assert all(b'"text":"a"' in answer.value for answer in answers)
        await first.bus.stop()
        await second.bus.stop()
