"""A member of a consumer group over reassignments: nothing is skipped, whatever another member did meanwhile."""

import asyncio
from collections.abc import Mapping
from random import Random

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, KafkaError
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.topics import PROGRESS
from libs.runtime.bus import Delivery, Feed
from libs.runtime.kafka_bell import Bell
from libs.runtime.kafka_consumer import GroupConsumer
from libs.runtime.settings import BusSettings
from libs.testing.fake_clock import JumpingLoop

loop_factory = JumpingLoop
LOG_END = 12
OURS = TopicPartition(PROGRESS.name, 0)


class FakeClient:
    """The client's consumer and FastStream's subscriber in one, on a log of one partition."""

    def __init__(self) -> None:
        self.committed_offset: int | None = None
        self.refusals = 0
        self.broken = False
        self.stopped = False

    @property
    def consumer(self) -> "FakeClient":
        return self

    def subscriber(self, _topic: str, **_options: object) -> "FakeClient":
        return self

    def __call__(self, _handler: object) -> None:
        """Take the handler that is never reached."""

    async def start(self) -> None:
        """Join at once."""

    async def stop(self) -> None:
        self.stopped = True

    async def committed(self, _partition: TopicPartition) -> int | None:
        if self.broken:
            raise KafkaError("no coordinator")
        await asyncio.sleep(0.001)
        return self.committed_offset

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, LOG_END)

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        await asyncio.sleep(0.001)
        if self.refusals > 0:
            self.refusals -= 1
            raise CommitFailedError("rebalancing")
        self.committed_offset = offsets[OURS]


class Scene:
    """One member; `work` holds what runs."""

    def __init__(self, concurrency: int = 3) -> None:
        self.client = FakeClient()
        self.errors: list[BaseException] = []
        self.work: dict[int, asyncio.Future[None]] = {}
        self.began: list[int] = []
        self.done: set[int] = set()
        feed = Feed("merger", PROGRESS.name, self._process, concurrency=concurrency)
        settings = BusSettings(kafka_url="kafka://a:1")
        self.member = GroupConsumer(feed, settings, Bell(), self.errors.append)
        self.member.attach(self.client)  # type: ignore[arg-type]  # the fake is all that it uses of a broker
        self.position = 0
        self.pending: asyncio.Task[None] | None = None

    async def _process(self, delivery: Delivery) -> None:
        offset = delivery.record.offset
        self.began.append(offset)
        self.work[offset] = asyncio.get_running_loop().create_future()
        try:
            await self.work[offset]
        finally:
            del self.work[offset]
        self.done.add(offset)
        delivery.done()

    async def start(self) -> None:
        await self.revoke()
        await asyncio.gather(self.member.start(), self.assign())

    async def revoke(self) -> None:
        await self.member.on_partitions_revoked([OURS])

    async def assign(self, *, ours: bool = True) -> None:
        await self.member.on_partitions_assigned([OURS] if ours else [])
        self.position = self.client.committed_offset or 0

    async def fetch(self) -> None:
        """Hand over the next record, as the client's loop does: one at a time."""
        if self.position < LOG_END and (self.pending is None or self.pending.done()):
            raw = ConsumerRecord(PROGRESS.name, 0, self.position, 0, 0, b"k", b"{}", 0, 0, 0, ())
            self.position += 1
            self.pending = asyncio.get_running_loop().create_task(self.client.consume_one(raw))  # type: ignore[attr-defined]
        await settle()

    async def finish(self, offset: int) -> None:
        if offset in self.work:
            self.work[offset].set_result(None)
        await settle()

    async def pause(self) -> None:
        """Leave time for a commit."""
        await asyncio.sleep(1)

    async def stop(self) -> None:
        await self.member.stop(0)
        if self.pending is not None:
            self.pending.cancel()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
async def scene() -> Scene:
    started = Scene()
    await started.start()
    return started


async def test_what_is_done_is_committed_after_a_moment(scene: Scene) -> None:
    await scene.fetch()
    await scene.fetch()
    await scene.finish(0)
    await scene.pause()
    assert scene.client.committed_offset == 1
    await scene.finish(1)
    await scene.stop()
    assert scene.client.committed_offset == 2


async def test_a_commit_that_fails_is_tried_again(scene: Scene) -> None:
    scene.client.refusals = 2
    await scene.fetch()
    await scene.finish(0)
    await asyncio.sleep(5)
    assert scene.client.committed_offset == 1
    assert scene.errors == []
    await scene.stop()


async def test_what_is_kept_runs_on_and_is_not_begun_again(scene: Scene) -> None:
    await scene.fetch()
    await scene.revoke()
    await scene.assign()
    await scene.fetch()
    assert scene.began == [0]
    await scene.finish(0)
    await scene.pause()
    assert scene.client.committed_offset == 1
    await scene.stop()


async def test_nothing_is_committed_between_revocation_and_assignment(scene: Scene) -> None:
    await scene.fetch()
    await scene.revoke()
    await scene.finish(0)
    await scene.pause()
    assert scene.client.committed_offset is None
    await scene.assign()
    await scene.pause()
    assert scene.client.committed_offset == 1
    await scene.stop()


async def test_what_is_lost_is_cancelled(scene: Scene) -> None:
    await scene.fetch()
    await scene.revoke()
    await scene.assign(ours=False)
    assert (scene.work, scene.done) == ({}, set())
    await scene.stop()


async def test_where_another_member_went_on_we_begin_behind_it(scene: Scene) -> None:
    await scene.fetch()
    await scene.revoke()
    scene.client.committed_offset = 5
    await scene.assign()
    assert scene.work == {}
    await scene.fetch()
    assert scene.began == [0, 5]
    await scene.stop()


async def test_a_record_that_waited_through_a_reassignment_does_not_pass_what_comes_again(scene: Scene) -> None:
    for _ in range(3):
        await scene.fetch()
    await scene.fetch()  # the fourth waits for a place
    await scene.revoke()
    await scene.assign(ours=False)
    await scene.revoke()
    await scene.assign()
    for _ in range(3):
        await scene.fetch()
    assert scene.began == [0, 1, 2, 0, 1, 2]
    await scene.stop()


async def test_a_record_that_waited_at_the_gate_does_not_pass_what_comes_again() -> None:
    scene = Scene(concurrency=5)
    await scene.start()
    for _ in range(3):
        await scene.fetch()
    scene.member._ready.clear()  # as while an assignment is dealt with
    await scene.fetch()
    await scene.revoke()
    scene.client.committed_offset = 1  # we were thought dead, and another member has done one record
    await scene.assign()
    await settle()
    for _ in range(3):
        await scene.fetch()
    assert scene.began == [0, 1, 2, 1, 2, 3]
    await scene.stop()


async def test_an_assignment_that_fails_stops_the_start() -> None:
    scene = Scene()
    scene.client.broken = True
    results = await asyncio.gather(scene.member.start(), scene.assign(), return_exceptions=True)
    assert [str(result) for result in results] == ["KafkaError: no coordinator"] * 2
    assert scene.errors == []


async def test_a_later_assignment_that_fails_ends_the_process(scene: Scene) -> None:
    await scene.revoke()
    scene.client.broken = True
    with pytest.raises(KafkaError):
        await scene.assign()
    assert [str(error) for error in scene.errors] == ["KafkaError: no coordinator"]
    await scene.fetch()
    assert scene.began == []
    await scene.stop()


async def test_after_the_stop_nothing_is_taken_even_if_partitions_come(scene: Scene) -> None:
    await scene.stop()
    await scene.revoke()
    await scene.assign()
    await scene.fetch()
    assert scene.began == []
    assert scene.client.stopped
    await scene.stop()


moves = st.lists(
    st.sampled_from(["fetch", "fetch", "fetch", "finish", "finish", "keep", "lose", "pause", "refuse"]), max_size=60
)


@settings(deadline=None, max_examples=150)
@given(moves, st.randoms(use_true_random=False))
async def test_whatever_happens_nothing_is_committed_that_nobody_did(moves: list[str], choice: Random) -> None:
    scene = Scene(concurrency=choice.randint(1, 4))
    await scene.start()
    by_others: set[int] = set()
    for move in moves:
        await make(move, scene, by_others, choice)
        assert all(offset in scene.done | by_others for offset in range(scene.client.committed_offset or 0))
    while scene.position < LOG_END or scene.work:
        await scene.fetch()
        await make("finish", scene, by_others, choice)
    await scene.pause()
    await scene.pause()
    assert scene.client.committed_offset == LOG_END
    assert scene.done | by_others == set(range(LOG_END))
    assert scene.errors == []
    await scene.stop()


async def make(move: str, scene: Scene, by_others: set[int], choice: Random) -> None:
    match move:
        case "fetch":
            await scene.fetch()
        case "finish" if scene.work:
            await scene.finish(choice.choice(sorted(scene.work)))
        case "keep":
            await scene.revoke()
            await make("finish", scene, by_others, choice)
            await scene.assign()
        case "lose":
            await scene.revoke()
            await scene.assign(ours=False)
            await scene.fetch()  # a record that was on its way
            advance_others(scene, by_others, choice)
            await scene.revoke()
            await scene.assign()
        case "refuse":
            scene.client.refusals = 1
        case "pause":
            await scene.pause()


def advance_others(scene: Scene, by_others: set[int], choice: Random) -> None:
    """Another member has the partition for a while, and commits what it did."""
    start = scene.client.committed_offset or 0
    end = choice.randint(start, LOG_END)
    by_others.update(range(start, end))
    scene.client.committed_offset = end
