"""A member of a consumer group over reassignments: nothing is skipped, whatever another member did meanwhile."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from random import Random

import pytest
from aiokafka import TopicPartition
from aiokafka.cluster import ClusterMetadata
from aiokafka.errors import CommitFailedError, KafkaError, OffsetMetadataTooLargeError
from aiokafka.structs import OffsetAndMetadata, RecordMetadata
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.record import Record
from libs.contracts.topics import MERGE_ANSWER, PROGRESS
from libs.core.errors import ConfigurationError
from libs.runtime.kafka.acknowledged import MOST_AHEAD, AcknowledgedRecords
from libs.runtime.kafka.consumer import GroupConsumer
from libs.runtime.kafka.consumer_context import ConsumerContext
from libs.runtime.ledger.intervals import Interval, Intervals
from libs.runtime.ledger.metadata import MAX_METADATA_CHARS, decode, encode
from libs.runtime.ledger.partition import Progress
from libs.runtime.messaging.bus import Delivery, Subscription
from libs.runtime.messaging.codec import Outgoing
from libs.runtime.settings import BusSettings
from libs.runtime.watchdog.work import Watchdog
from libs.testing.fake_clock import JumpingLoop

loop_factory = JumpingLoop
LOG_END = 12
OURS, OTHER = TopicPartition(PROGRESS.name, 0), TopicPartition(MERGE_ANSWER.name, 0)


class FakeClient:
    """The client's consumer and FastStream's subscriber in one, on a log of one partition."""

    def __init__(self) -> None:
        self.kept: OffsetAndMetadata | None = None
        self.first = 0
        self.max_chars = MAX_METADATA_CHARS
        self.refusals = 0
        self.broken = False
        self.stopped = False
        self.is_paused = False
        self.position = 0
        self.commits: list[dict[TopicPartition, OffsetAndMetadata]] = []
        self.send: object = None  # no fetching: the scene delivers records
        self.cluster = ClusterMetadata()

    @property
    def consumer(self) -> "FakeClient":
        return self

    @property
    def _client(self) -> "FakeClient":
        return self

    def subscriber(self, *_topics: str, **_options: object) -> "FakeClient":
        return self

    def __call__(self, _handler: object) -> None:
        """Take the handler that is never reached."""

    async def start(self) -> None:
        """Join immediately."""

    async def stop(self) -> None:
        self.stopped = True

    @property
    def _coordinator(self) -> "FakeClient":
        return self

    @property
    def committed_offset(self) -> int | None:
        return self.kept.offset if self.kept is not None else None

    @property
    def committed(self) -> Progress:
        """Progress that the group has committed at the broker."""
        return Progress(self.kept.offset, decode(*self.kept)) if self.kept is not None else Progress(0)

    def advance(self, watermark: int, *finished: Interval) -> None:
        """Commit as another member does."""
        self.kept = OffsetAndMetadata(watermark, encode(Progress(watermark, finished)))

    def assignment(self) -> set[TopicPartition]:
        return {OURS}

    def pause(self, *_partitions: TopicPartition) -> None:
        self.is_paused = True

    def seek(self, _partition: TopicPartition, offset: int) -> None:
        self.position = offset

    def resume(self, *_partitions: TopicPartition) -> None:
        self.is_paused = False

    async def fetch_committed_offsets(
        self, partitions: list[TopicPartition]
    ) -> dict[TopicPartition, OffsetAndMetadata]:
        if self.broken:
            raise KafkaError("no coordinator")
        await asyncio.sleep(0.001)
        return dict.fromkeys(partitions, self.kept) if self.kept is not None else {}

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, self.first)

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, LOG_END)

    async def commit(self, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
        await asyncio.sleep(0.001)
        if self.refusals > 0:
            self.refusals -= 1
            raise CommitFailedError("rebalancing")
        if len(offsets[OURS].metadata) > self.max_chars:
            raise OffsetMetadataTooLargeError
        self.commits.append(dict(offsets))
        self.kept = offsets[OURS]


class Scene:
    """One member; `work` holds what runs."""

    def __init__(
        self,
        concurrency: int = 3,
        *,
        watched: bool = False,
        client: FakeClient | None = None,
        earlier: OffsetAndMetadata | None = None,
    ) -> None:
        """`earlier` is what the group of an earlier version has committed."""
        self.client = client or FakeClient()
        self.is_watched = watched
        self.lost_partitions: list[int] = []
        self.unread: dict[int, int] = {}
        self.errors: list[BaseException] = []
        self.work: dict[int, asyncio.Future[None]] = {}
        self.began: list[int] = []
        self.done: set[int] = set()
        feed = Subscription(
            "merger", PROGRESS.name, self._process, concurrency=concurrency, listener=self if watched else None
        )
        self.acknowledged = AcknowledgedRecords()
        site = ConsumerContext(
            BusSettings(kafka_url="kafka://a:1"),
            self.errors.append,
            Watchdog(self.errors.append),
            acknowledged=self.acknowledged,
            earlier_offsets=self._earlier_offsets,
        )
        self.earlier = earlier
        self.asked_earlier: list[str] = []
        self.member = GroupConsumer("merger", site)
        self.member.add(feed)
        self.pending: asyncio.Task[None] | None = None

    async def _earlier_offsets(
        self, service: str, partitions: Collection[TopicPartition]
    ) -> dict[TopicPartition, OffsetAndMetadata]:
        self.asked_earlier.append(service)
        return dict.fromkeys(partitions, self.earlier) if self.earlier is not None else {}

    def assigned(self, ends: Mapping[int, int]) -> None:
        self.unread = dict(ends)

    def lost(self, partitions: Iterable[int]) -> None:
        self.lost_partitions += partitions

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

    def attach(self) -> None:
        self.member.attach(self.client)  # type: ignore[arg-type]  # the fake is all that it uses of a broker

    async def start(self) -> None:
        self.attach()
        await self.revoke()
        await asyncio.gather(self.member.start(), self.assign())

    async def revoke(self) -> None:
        await self.member.on_partitions_revoked([OURS])

    async def assign(self, *, ours: bool = True) -> None:
        self.client.is_paused = False
        self.client.position = self.client.committed_offset or 0
        await self.member.on_partitions_assigned([OURS] if ours else [])

    async def fetch(self, size: int = 1) -> None:
        """Hand over the next records, as the client's loop does: nothing of a partition that is paused."""
        if self.position < LOG_END and not self.client.is_paused and (self.pending is None or self.pending.done()):
            first, self.position = self.position, min(self.position + size, LOG_END)
            records = [record_at(number) for number in range(first, self.position)]
            self.pending = asyncio.get_running_loop().create_task(self.client.consume_one(records))  # type: ignore[attr-defined]
        await settle()

    @property
    def position(self) -> int:
        """Offset of the next record that the client fetches."""
        return self.client.position

    @position.setter
    def position(self, offset: int) -> None:
        self.client.position = offset

    async def acknowledge(self, *offsets: int, value: bytes = b"{}") -> None:
        """The broker acknowledges records that this process has published."""
        for offset in offsets:
            answer: asyncio.Future[RecordMetadata] = asyncio.get_running_loop().create_future()
            self.acknowledged.watch(Outgoing(PROGRESS, b"k", "k", (), value), 0, answer)
            answer.set_result(RecordMetadata(PROGRESS.name, 0, OURS, offset, -1, 0, 0))
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


def record_at(offset: int, topic: str = PROGRESS.name) -> Record:
    return Record(topic, 0, offset, 0, b"k", (), b"{}")


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


async def test_what_came_with_one_fetch_and_waits_at_a_reassignment_is_not_taken(scene: Scene) -> None:
    await scene.fetch(5)
    assert scene.began == [0, 1, 2]
    await scene.revoke()
    scene.client.advance(1)
    await scene.assign()
    for offset in range(4):
        await scene.finish(offset)
    assert scene.began == [0, 1, 2, 3]  # the fourth had its turn already, and waited for a place
    await scene.fetch(5)
    assert scene.began == [0, 1, 2, 3, 4, 5]
    await scene.stop()


async def test_where_another_member_went_on_we_go_on_behind_it_and_let_run_what_runs(scene: Scene) -> None:
    await scene.fetch()
    await scene.revoke()
    scene.client.advance(5, (6, 8))
    await scene.assign()
    for _ in range(4):
        await scene.fetch()
    assert scene.began == [0, 5, 8]
    await scene.finish(0)
    await scene.finish(5)
    await scene.pause()
    assert scene.client.committed == Progress(8)
    await scene.stop()


async def test_a_watcher_begins_anew_where_another_member_went_on() -> None:
    scene = Scene(watched=True)
    await scene.start()
    await scene.fetch()
    await scene.revoke()
    scene.client.advance(5, (6, 8), (10, LOG_END))
    await scene.assign()
    assert (scene.work, scene.lost_partitions, scene.unread) == ({}, [0], {0: 10})
    await scene.stop()


async def test_a_watcher_keeps_what_it_has_where_nobody_else_went_on() -> None:
    scene = Scene(watched=True)
    await scene.start()
    for _ in range(3):
        await scene.fetch()
    await scene.finish(1)
    await scene.revoke()
    await scene.assign()
    assert (sorted(scene.work), scene.lost_partitions) == ([0, 2], [])
    await scene.stop()


async def test_what_is_finished_behind_something_slow_is_not_begun_again_after_a_crash(scene: Scene) -> None:
    for _ in range(3):
        await scene.fetch()
    await scene.finish(1)
    await scene.finish(2)
    await scene.pause()
    assert scene.client.committed == Progress(0, ((1, 3),))
    again = Scene(client=scene.client)
    await again.start()
    for _ in range(4):
        await again.fetch()
    assert again.began == [0, 3]
    await again.stop()
    await scene.stop()


async def test_what_is_told_about_records_that_the_log_does_not_have_counts_for_nothing() -> None:
    scene = Scene()
    scene.client.advance(0, (1, 3), (9, LOG_END + 5))
    await scene.start()
    for _ in range(3):
        await scene.fetch()
    assert scene.began == [0, 1, 2]
    await scene.stop()


@pytest.mark.parametrize("watched", [False, True])
async def test_a_log_that_was_cut_is_read_from_what_is_left_of_it(
    caplog: pytest.LogCaptureFixture, *, watched: bool
) -> None:
    scene = Scene(watched=watched)
    scene.client.advance(LOG_END + 50)
    await scene.start()
    scene.position = 3  # the client learns that its offset is out of range
    await scene.fetch()
    await scene.fetch()
    assert scene.began == [3, 4]
    assert scene.lost_partitions == [0] * watched
    assert "was truncated: offset 61 is followed by 3" in caplog.text
    await scene.finish(3)
    await scene.pause()
    assert scene.client.committed == Progress(4)
    await scene.stop()


async def test_a_log_that_is_cut_while_we_read_it_is_read_again(scene: Scene) -> None:
    for _ in range(3):
        await scene.fetch()
    await scene.finish(0)
    scene.position = 1
    await scene.fetch()
    assert scene.began == [0, 1, 2, 1]
    assert sorted(scene.work) == [1]
    await scene.stop()


async def test_a_broker_that_takes_little_beside_a_commit_is_given_less(scene: Scene) -> None:
    scene.client.max_chars = 8
    for _ in range(3):
        await scene.fetch()
    await scene.finish(0)
    await scene.finish(2)
    await asyncio.sleep(10)
    assert scene.client.committed == Progress(1)
    assert scene.errors == []
    await scene.stop()


async def test_what_was_deleted_before_we_were_done_with_it_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    scene = Scene()
    scene.client.advance(2)
    scene.client.first = 5
    await scene.start()
    assert [record.message for record in caplog.records] == [
        "3 unread offsets of moe.pipeline.progress.v1/0 were deleted by retention (merger.moe.pipeline.progress.v1"
        " is at 2, the log begins at 5)"
    ]
    await asyncio.sleep(100)
    assert len(caplog.records) == 1
    scene.client.first = 7
    await asyncio.sleep(100)
    assert caplog.records[-1].message.startswith("2 unread offsets")
    await scene.stop()


async def test_a_new_group_on_an_old_log_misses_nothing_that_it_was_promised(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene()
    scene.client.first = 5
    await scene.start()
    assert caplog.records == []
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


@pytest.mark.parametrize(("watched", "began"), [(False, [0, 1, 2, 3]), (True, [0, 1, 2, 1, 2, 3])])
async def test_a_record_that_waited_at_the_gate_does_not_pass_what_comes_again(
    *, watched: bool, began: list[int]
) -> None:
    scene = Scene(concurrency=5, watched=watched)
    await scene.start()
    for _ in range(3):
        await scene.fetch()
    scene.member._committer.settled.clear()  # as while an assignment is dealt with
    await scene.fetch()
    await scene.revoke()
    scene.client.advance(1)  # we were thought dead, and another member has done one record
    await scene.assign()
    await settle()
    for _ in range(3):
        await scene.fetch()
    assert scene.began == began
    await scene.stop()


async def test_what_is_acknowledged_is_begun_before_it_is_fetched_and_once(scene: Scene) -> None:
    await scene.acknowledge(0, 1)
    assert scene.began == [0, 1]
    await scene.fetch(3)
    assert scene.began == [0, 1, 2]
    for offset in range(3):
        await scene.finish(offset)
    await scene.pause()
    assert scene.client.committed == Progress(3)
    await scene.stop()


async def test_what_is_acknowledged_behind_a_record_of_somebody_else_waits_for_the_fetch(scene: Scene) -> None:
    await scene.acknowledge(1)
    assert scene.began == []
    await scene.pause()
    assert scene.client.committed_offset is None
    await scene.fetch(2)
    assert scene.began == [0, 1]
    await scene.acknowledge(1, 2)
    assert scene.began == [0, 1, 2]
    await scene.stop()


async def test_what_is_acknowledged_waits_for_a_slot_and_keeps_its_turn(scene: Scene) -> None:
    await scene.acknowledge(0, 1, 2, 3)
    await scene.fetch(5)
    assert scene.began == [0, 1, 2]
    for offset in range(3):
        await scene.finish(offset)
    assert scene.began == [0, 1, 2, 3, 4]
    await scene.stop()


async def test_what_is_acknowledged_during_a_reassignment_waits_for_the_fetch(scene: Scene) -> None:
    await scene.revoke()
    await scene.acknowledge(0)
    assert scene.began == []
    await scene.assign(ours=False)
    await scene.acknowledge(0)
    assert scene.began == []
    await scene.stop()


async def test_what_was_acknowledged_before_a_reassignment_is_fetched_again_and_not_begun_again(scene: Scene) -> None:
    await scene.acknowledge(0, 1)
    await scene.revoke()
    await scene.assign()
    await scene.acknowledge(2)
    await scene.fetch(4)
    assert scene.began == [0, 1, 2]
    await scene.finish(0)
    assert scene.began == [0, 1, 2, 3]
    await scene.stop()


async def test_what_was_acknowledged_and_lost_is_begun_again_when_it_comes_back(scene: Scene) -> None:
    await scene.acknowledge(0, 1)
    await scene.revoke()
    await scene.assign(ours=False)
    await scene.revoke()
    await scene.assign()
    await scene.fetch(2)
    assert scene.began == [0, 1, 0, 1]
    await scene.stop()


async def test_after_the_stop_nothing_acknowledged_is_taken(scene: Scene) -> None:
    await scene.stop()
    await scene.acknowledge(0)
    assert scene.began == []


async def test_where_the_log_has_another_record_than_the_acknowledged_one_it_is_read_from_there(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    """The leader that acknowledged it was lost with it."""
    await scene.fetch()
    await scene.acknowledge(1, 2, value=b'{"lost": true}')
    await scene.fetch(2)
    assert scene.began == [0, 1, 2, 1, 2]
    assert "was truncated: offset 0 is followed by 1" in caplog.text
    await scene.stop()


async def test_no_more_is_handed_over_than_the_fetch_can_be_compared_with(scene: Scene) -> None:
    for offset in range(MOST_AHEAD + 1):
        await scene.acknowledge(offset)
        await scene.finish(offset)
    assert len(scene.began) == MOST_AHEAD
    await scene.stop()


async def test_a_group_without_offsets_goes_on_where_the_group_of_an_earlier_version_was() -> None:
    scene = Scene(earlier=OffsetAndMetadata(3, encode(Progress(3, ((4, 6),)))))
    await scene.start()
    for _ in range(5):
        await scene.fetch()
    assert scene.began == [3, 6, 7]
    await scene.pause()
    assert scene.client.committed == Progress(3, ((4, 6),))  # although nothing was done since
    await scene.pause()
    assert len(scene.client.commits) == 1
    await scene.revoke()
    await scene.assign()
    assert scene.asked_earlier == ["merger"]
    await scene.stop()


async def test_a_rebalance_before_the_carried_offsets_are_committed_changes_nothing() -> None:
    scene = Scene(earlier=OffsetAndMetadata(3, ""))
    await scene.start()
    await scene.fetch()
    scene.client.refusals = 1
    await scene.revoke()
    await scene.assign()
    for _ in range(2):
        await scene.fetch()
    assert scene.began == [3, 4]
    await scene.stop()


async def test_a_group_with_offsets_does_not_ask_for_those_of_an_earlier_version() -> None:
    scene = Scene(earlier=OffsetAndMetadata(7, ""))
    scene.client.advance(2)
    await scene.start()
    await scene.fetch()
    assert (scene.began, scene.asked_earlier) == ([2], [])
    await scene.stop()


async def test_a_topic_is_paused_while_its_fetched_records_wait_for_slots(scene: Scene) -> None:
    await scene.fetch(5)
    assert (scene.began, scene.client.is_paused) == ([0, 1, 2], False)  # two wait: less than the bound
    await scene.fetch(5)
    assert scene.client.is_paused
    for offset in range(9):
        await scene.finish(offset)
    assert not scene.client.is_paused
    await scene.stop()


async def test_a_topic_without_a_slot_leaves_the_others_theirs_and_one_commit_covers_all() -> None:
    scene, done = Scene(concurrency=1), list[str]()

    async def finish(delivery: Delivery) -> None:
        done.append(delivery.record.topic)
        delivery.done()

    scene.member.add(Subscription("merger", MERGE_ANSWER.name, finish))
    scene.attach()
    await scene.revoke()
    await asyncio.gather(scene.member.start(), scene.member.on_partitions_assigned([OURS, OTHER]))
    mixed = [record_at(0), record_at(1), record_at(0, MERGE_ANSWER.name), record_at(2), record_at(1, MERGE_ANSWER.name)]
    scene.pending = asyncio.get_running_loop().create_task(scene.client.consume_one(mixed))  # type: ignore[attr-defined]
    await settle()
    assert (scene.began, done) == ([0], [MERGE_ANSWER.name] * 2)
    await scene.finish(0)
    await scene.finish(1)
    assert scene.began == [0, 1, 2]
    await scene.pause()
    (offsets,) = scene.client.commits
    assert {place: each.offset for place, each in offsets.items()} == {OURS: 2, OTHER: 2}
    await scene.stop()


def test_a_topic_has_one_subscription_in_a_service() -> None:
    with pytest.raises(ConfigurationError, match=r"subscribes to .* twice"):
        Scene().member.add(Subscription("merger", PROGRESS.name, Scene()._process))


async def test_an_assignment_that_fails_stops_the_start() -> None:
    scene = Scene()
    scene.client.broken = True
    scene.attach()
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


MOVES = [
    "fetch",
    "fetch",
    "acknowledge",
    "acknowledge",
    "finish",
    "finish",
    "keep",
    "lose",
    "thought dead",
    "pause",
    "refuse",
    "crash",
]
moves = st.lists(st.sampled_from(MOVES), max_size=60)


@settings(deadline=None, max_examples=200)
@given(moves, st.booleans(), st.randoms(use_true_random=False))
async def test_whatever_happens_nothing_is_committed_that_nobody_did(
    moves: list[str], watched: bool, choice: Random
) -> None:
    scene = Scene(concurrency=choice.randint(1, 4), watched=watched)
    await scene.start()
    done: set[int] = set()  # by others, or by us before a crash
    try:
        for move in moves:
            scene = await make(move, scene, done, choice)
            assert offsets_in(scene.client.committed) <= scene.done | done
        while scene.position < LOG_END or scene.work:
            await scene.fetch()
            scene = await make("finish", scene, done, choice)
        await scene.pause()
        await scene.pause()
        assert scene.client.committed == Progress(LOG_END)
        assert scene.done | done == set(range(LOG_END))
        assert scene.errors == []
    finally:
        await scene.stop()


async def make(move: str, scene: Scene, done: set[int], choice: Random) -> Scene:
    """Make a move; return the member that there is after it."""
    match move:
        case "fetch" | "acknowledge":
            await (scene.fetch(choice.randint(1, 5)) if move == "fetch" else acknowledge_some(scene, choice))
        case "finish" if scene.work:
            await scene.finish(choice.choice(sorted(scene.work)))
        case "keep":
            await scene.revoke()
            await acknowledge_some(scene, choice)
            await make("finish", scene, done, choice)
            await scene.assign()
        case "lose" | "thought dead":
            await away(scene, done, choice, known=move == "lose")
        case "crash":
            return await crashed(scene, done)
        case "refuse":
            scene.client.refusals = 1
        case "pause":
            await scene.pause()
    return scene


async def acknowledge_some(scene: Scene, choice: Random) -> None:
    """Records of this process stand in the log, most often where it was read to."""
    first = max(0, min(scene.position, LOG_END) + choice.choice([-2, 0, 0, 0, 1]))
    await scene.acknowledge(*range(first, min(LOG_END, first + choice.randint(1, 4))))


async def away(scene: Scene, done: set[int], choice: Random, *, known: bool) -> None:
    """Lose the partition for a while, with or without a notification."""
    await scene.revoke()
    if known:
        await scene.assign(ours=False)
        await scene.fetch()  # a record that was on its way
    advance_others(scene, done, choice)
    await acknowledge_some(scene, choice)
    await make("finish", scene, done, choice)
    if known:
        await scene.revoke()
    await scene.assign()


async def crashed(scene: Scene, done: set[int]) -> Scene:
    """End without a last commit, and return as a new process."""
    done |= scene.done
    scene.client.refusals = 1
    await scene.stop()
    scene.client.refusals = 0
    again = Scene(client=scene.client, watched=scene.is_watched)
    await again.start()
    return again


def advance_others(scene: Scene, done: set[int], choice: Random) -> None:
    """Another member has the partition for a while, and commits its progress: in any order, with holes."""
    before = scene.client.committed
    start = choice.randint(before.watermark, LOG_END)
    finished = Intervals([*before.finished, (before.watermark, start)])
    for offset in range(start, LOG_END):
        if choice.random() < 0.3:
            finished.add(offset, offset + 1)
    done |= {offset for interval in finished.listed() for offset in range(*interval)}
    watermark = finished.take_first_from(before.watermark)
    scene.client.advance(watermark, *finished.listed())


def offsets_in(progress: Progress) -> set[int]:
    return {*range(progress.watermark), *(offset for interval in progress.finished for offset in range(*interval))}
