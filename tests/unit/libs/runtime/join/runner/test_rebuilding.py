"""The runtime of a join: reading the log back, losing partitions, crashing."""

import asyncio
from dataclasses import replace

import pytest

from libs.contracts.message import Message
from libs.contracts.topics import PROGRESS
from libs.ports.reducer import Join
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.join.runner import JoinRunner
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.bus import Delivery, Subscription
from libs.runtime.messaging.codec import encode
from libs.runtime.messaging.publisher import BusPublisher
from libs.testing.fake_clock import JumpingLoop, LoopClock
from libs.testing.fake_deltas import FakeDeltas
from libs.testing.records import SIGNER, record_of
from tests.support.runtime.small_join import Scene, Talk, advance, clocked, due_at, settle

loop_factory = JumpingLoop


class TestReadingBack:
    async def test_an_open_join_says_again_all_it_said_once_the_log_is_read_back(self) -> None:
        scene, talk = Scene(), Talk()
        scene.runner.assigned({0: 2})
        await scene.take(talk.opened())
        assert scene.published == []
        await scene.take(talk.part("a"))
        assert scene.published == ["after opened", "after a"]
        await scene.take(talk.part("b"))
        assert scene.published == ["after opened", "after a", "after b"]
        assert scene.finished == []

    async def test_a_closed_join_says_its_last_words_only(self) -> None:
        scene, talk = Scene(), Talk()
        scene.runner.assigned({0: 4})
        for message in (talk.opened(), talk.part("a"), talk.part("end")):
            await scene.take(message)
        assert scene.published == ["answered a"]
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
        assert scene.published == ["after opened"]

    async def test_new_outputs_are_published_after_the_unpublished_ones(self) -> None:
        scene, talk = Scene(), Talk()
        scene.runner.assigned({0: 1})
        scene.publisher.gate.clear()
        reading = scene.start(talk.opened())
        await settle()
        following = scene.start(talk.part("a"))
        await settle()
        scene.publisher.gate.set()
        await asyncio.gather(reading, following)
        assert scene.published == ["after opened", "after a"]

    async def test_a_record_that_cannot_be_read_may_be_the_last_one(self) -> None:
        scene = Scene()
        scene.runner.assigned({0: 2})
        await scene.take(Talk().opened())
        broken = replace(record_of(Talk().opened(), offset=1), value=b"{")
        await scene.runner(Delivery(broken, lambda: None))
        assert scene.published == ["after opened"]

    async def test_the_clock_runs_while_the_log_is_read_back(self) -> None:
        async with clocked(Scene()) as scene:
            scene.runner.assigned({0: 100})
            await scene.take(Talk(seconds=5).opened())
            await asyncio.sleep(6)
            assert scene.published == ["expired"]
            assert scene.finished == [0]


class TestLosingPartitions:
    async def test_what_is_known_about_a_lost_partition_is_forgotten(self) -> None:
        scene, talk = Scene(), Talk()
        await scene.take(talk.part("a"))
        scene.runner.lost([0])
        await scene.take(talk.part("b"))
        await scene.take(talk.part("end"))
        assert scene.published[-1] == "answered b"
        assert scene.finished == [1, 2]

    async def test_the_other_partitions_are_kept(self) -> None:
        scene, talk = Scene(), Talk()
        await scene.take(talk.part("a"), partition=1)
        scene.runner.lost([0])
        await scene.take(talk.part("end"), partition=1)
        assert scene.published[-1] == "answered a"

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
        assert scene.published == ["answered"]
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
            assert scene.published == ["after opened", "expired", "after opened", "expired"]
            assert scene.finished == [1]


class Process:
    """A process with the join on a bus in memory."""

    def __init__(self, broker: MemoryBroker) -> None:
        self.bus = MemoryBus(broker)
        self._place = RuntimeContext(SIGNER, BusPublisher(self.bus, SIGNER), LoopClock())
        self.runner = JoinRunner(Join(PROGRESS, advance, due_at, FakeDeltas()), self._place, self._fail)
        self.bus.add(Subscription("merger", PROGRESS.name, self.runner, ordered=True, listener=self.runner))

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
    def published(broker: MemoryBroker, talk: Talk) -> list[str]:
        key = talk.origin.response_id.encode()
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
        once = self.published(broker, talk)
        await first.bus.crash()
        second = Process(broker)
        await second.bus.start()
        await settle()
        twice = self.published(broker, talk)
        assert sorted(twice) == sorted([*once, *once])
        assert len(set(once)) == len(once) == 2
        await second.bus.stop()

    async def test_a_join_that_closed_and_was_committed_says_nothing_more(self, broker: MemoryBroker) -> None:
        first, talk = Process(broker), Talk()
        await first.bus.start()
        await first.hear(talk.opened(), talk.part("end"))
        before = self.published(broker, talk)
        await first.bus.stop()
        second = Process(broker)
        await second.bus.start()
        await settle()
        assert self.published(broker, talk) == before
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
