"""The merger's join after a restart: closed requests do not reopen, and late facts end by themselves."""

from collections.abc import Iterable, Mapping
from functools import partial

import pytest

from libs.contracts.message import Message
from libs.contracts.topics import PROGRESS
from libs.ports.reducer import Join
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.join.runner import JoinRunner
from libs.runtime.ledger.partition import Progress
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.bus import Delivery, Subscription
from libs.runtime.messaging.codec import encode
from libs.runtime.messaging.publisher import BusPublisher
from libs.testing.fake_clock import JumpingLoop, LoopClock
from libs.testing.fake_deltas import FakeDeltas
from libs.testing.records import SIGNER
from services.merger.domain import advance, due_at
from services.merger.domain.request import ORPHAN_GRACE_S
from tests.support.runtime.small_join import Talk, settle

loop_factory = JumpingLoop
DEADLINE_S = 60.0


class Merger:
    """A process with the merger's join on a bus in memory; it notes which offsets it is handed."""

    def __init__(self, broker: MemoryBroker) -> None:
        self.bus = MemoryBus(broker)
        self.handed: list[int] = []
        place = RuntimeContext(SIGNER, BusPublisher(self.bus, SIGNER), LoopClock())
        join = Join(PROGRESS, partial(advance, offer_above=1000), due_at, FakeDeltas())
        self.runner = JoinRunner(join, place, self._fail)
        self.bus.add(Subscription("merger", PROGRESS.name, self._take, ordered=True, listener=self))

    def assigned(self, ends: Mapping[int, int]) -> None:
        self.read_back_until = dict(ends)
        self.runner.assigned(ends)

    def lost(self, partitions: Iterable[int]) -> None:
        self.runner.lost(partitions)

    async def _take(self, delivery: Delivery) -> None:
        self.handed.append(delivery.record.offset)
        await self.runner(delivery)

    @staticmethod
    def _fail(error: BaseException) -> None:
        raise error

    async def hear(self, *messages: Message) -> None:
        for message in messages:
            await self.bus.send([encode(message, SIGNER)[0]])
        await settle()


@pytest.fixture
async def broker() -> MemoryBroker:
    return MemoryBroker(partitions=1, clock=LoopClock())


def committed(broker: MemoryBroker) -> Progress:
    return broker.committed["merger.moe.pipeline.progress.v1", 0]


def ends_of(broker: MemoryBroker, talk: Talk) -> int:
    """Count the ends of a request that its gateway received."""
    key = talk.origin.response_id.encode()
    return sum(record.key == key for log in broker.logs["moe.pipeline.answer-finished.v1"] for record in log.records)


async def restarted_with_one_open_and_one_closed(broker: MemoryBroker) -> tuple[Merger, Talk, Talk]:
    """Open two requests, close the second (offsets 1 to 3 with its end), and start a new process."""
    opened, closed = Talk(seconds=DEADLINE_S), Talk(seconds=DEADLINE_S)
    first = Merger(broker)
    await first.bus.start()
    await first.hear(opened.opened(), closed.opened(), closed.cancelled())
    assert ends_of(broker, closed) == 1
    await first.bus.stop()
    assert committed(broker) == Progress(0, ((1, 4),))
    second = Merger(broker)
    await second.bus.start()
    await settle()
    return second, opened, closed


async def test_only_the_records_of_open_requests_come_again(broker: MemoryBroker) -> None:
    second, _, _ = await restarted_with_one_open_and_one_closed(broker)
    assert second.handed == [0]
    await second.bus.stop()


async def test_reading_back_ends_with_the_last_record_that_comes_again(broker: MemoryBroker) -> None:
    second, opened, _ = await restarted_with_one_open_and_one_closed(broker)
    assert second.read_back_until == {0: 1}
    await second.hear(opened.cancelled())
    assert ends_of(broker, opened) == 1  # it may speak: it does not wait for records that are skipped
    await second.bus.stop()
    assert committed(broker) == Progress(6)


async def test_what_is_late_for_a_closed_request_ends_without_a_word(broker: MemoryBroker) -> None:
    second, opened, closed = await restarted_with_one_open_and_one_closed(broker)
    async with second.runner:
        await second.hear(opened.cancelled())
        await second.hear(closed.part("late"))
        assert await all_done(second, DEADLINE_S + ORPHAN_GRACE_S + 1)
    assert ends_of(broker, closed) == 1
    await second.bus.stop()
    assert committed(broker) == Progress(7)


async def all_done(merger: Merger, within_s: float) -> bool:
    return await merger.bus.caught_up("merger", within_s)


async def test_until_then_it_pins_the_offset_and_nothing_else(broker: MemoryBroker) -> None:
    second, opened, closed = await restarted_with_one_open_and_one_closed(broker)
    async with second.runner:
        await second.hear(closed.part("late"))
        await second.hear(opened.cancelled())
        assert not await all_done(second, DEADLINE_S / 2)
    await second.bus.stop()
    assert committed(broker) == Progress(4, ((5, 7),))
    assert ends_of(broker, opened) == 1
