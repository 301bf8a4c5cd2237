"""The intake: its concurrency and its order; no slot is ever lost."""

import asyncio
import dataclasses
from collections.abc import Iterable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.record import Record
from libs.runtime.ledger.intake import WAITING_BYTES, Intake
from libs.runtime.ledger.partition import Progress
from libs.runtime.messaging.bus import Delivery, Subscription

TOPIC = "moe.pipeline.progress.v1"


class Work:
    """A process whose records run until they are released."""

    def __init__(self) -> None:
        self.started: list[int] = []
        self.ended: list[int] = []
        self.cancelled: list[int] = []
        self._ends: dict[int, asyncio.Future[bool]] = {}

    async def __call__(self, delivery: Delivery) -> None:
        offset = delivery.record.offset
        self.started.append(offset)
        self._ends[offset] = asyncio.get_running_loop().create_future()
        try:
            done = await self._ends[offset]
        except asyncio.CancelledError:
            self.cancelled.append(offset)
            raise
        self.ended.append(offset)
        if done:
            delivery.done()

    async def end(self, *offsets: int) -> None:
        for offset in offsets:
            self._ends.pop(offset).set_result(True)
        await settle()

    async def keep(self, offset: int) -> None:
        """End without `done`, as a join does."""
        self._ends.pop(offset).set_result(False)
        await settle()

    async def fail(self, offset: int) -> None:
        self._ends.pop(offset).set_exception(ValueError("broken"))
        await settle()


class Scene:
    """An intake at partition 0 and 1, from offset 0."""

    def __init__(self, *, ordered: bool = False, concurrency: int = 2) -> None:
        self.work = Work()
        self.errors: list[BaseException] = []
        self.feed = Subscription("merger", TOPIC, self.work, ordered=ordered, concurrency=concurrency)
        self.intake = Intake(self.feed, self.errors.append)
        self.intake.ledgers.begin({0: Progress(0), 1: Progress(0)})
        self.offering: list[asyncio.Task[None]] = []

    async def offer(self, *records: Record) -> None:
        """Hand records over one after the other, as a consumer does, without waiting for them."""
        self.offering.append(asyncio.get_running_loop().create_task(self._offer(records)))
        await settle()

    async def _offer(self, records: Iterable[Record]) -> None:
        for record in records:
            await self.intake.accept(record)

    async def close(self) -> None:
        for task in self.offering:
            task.cancel()
        await asyncio.gather(*self.offering, return_exceptions=True)
        await self.intake.forget([0, 1])


def record(offset: int, key: str = "k", partition: int = 0) -> Record:
    return Record(TOPIC, partition, offset, 0, key.encode(), (), b"{}")


def marks_due(intake: Intake) -> dict[int, int]:
    """Watermarks to commit, where there is one."""
    return {partition: due.watermark for partition, due in intake.ledgers.due().items() if due.watermark > 0}


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_as_many_records_run_at_once_as_the_bound_allows() -> None:
    scene = Scene(concurrency=2)
    await scene.offer(record(0), record(1), record(2), record(3))
    assert scene.work.started == [0, 1]
    await scene.work.end(1)
    assert scene.work.started == [0, 1, 2]
    await scene.close()


async def test_only_what_is_done_without_a_gap_may_be_committed() -> None:
    scene = Scene(concurrency=3)
    await scene.offer(record(0), record(1), record(2))
    await scene.work.end(1, 2)
    assert scene.intake.ledgers.due() == {0: Progress(0, ((1, 3),))}
    await scene.work.end(0)
    assert scene.intake.ledgers.due() == {0: Progress(3)}
    scene.intake.ledgers.confirm(scene.intake.ledgers.due())
    assert scene.intake.ledgers.due() == {}


async def test_records_of_one_key_run_one_after_the_other_and_of_two_keys_together() -> None:
    scene = Scene(ordered=True, concurrency=4)
    await scene.offer(record(0, "a"), record(1, "a"), record(2, "b"), record(3, "a"))
    assert scene.work.started == [0, 2]
    await scene.work.end(0)
    assert scene.work.started == [0, 2, 1]
    await scene.work.end(1)
    assert scene.work.started == [0, 2, 1, 3]
    await scene.close()


async def test_the_same_key_on_two_partitions_is_two_lanes() -> None:
    scene = Scene(ordered=True, concurrency=4)
    await scene.offer(record(0, "a"), record(1, "a", partition=1))
    assert scene.work.started == [0, 1]
    await scene.close()


async def test_records_that_wait_for_their_key_count_against_the_bound() -> None:
    scene = Scene(ordered=True, concurrency=2)
    await scene.offer(record(0, "a"), record(1, "a"), record(2, "b"))
    assert scene.work.started == [0]
    await scene.work.end(0)
    assert scene.work.started == [0, 1, 2]
    await scene.close()


async def test_without_order_a_key_does_not_matter() -> None:
    scene = Scene(ordered=False, concurrency=2)
    await scene.offer(record(0, "a"), record(1, "a"))
    assert scene.work.started == [0, 1]
    await scene.close()


async def test_a_record_that_is_running_is_ignored_when_it_is_delivered_again() -> None:
    scene = Scene()
    await scene.offer(record(0), record(0))
    assert scene.work.started == [0]
    await scene.work.end(0)
    await scene.offer(record(0))
    assert scene.work.started == [0]


async def test_a_record_of_a_partition_that_is_not_ours_is_ignored() -> None:
    scene = Scene()
    await scene.offer(record(0, partition=7))
    assert scene.work.started == []


async def test_a_record_that_is_held_back_frees_its_slot_but_stays_uncommitted() -> None:
    scene = Scene(concurrency=1)
    await scene.offer(record(0), record(1))
    await scene.work.keep(0)
    assert scene.work.started == [0, 1]
    await scene.work.end(1)
    assert marks_due(scene.intake) == {}


async def test_an_error_is_reported_its_slot_is_free_and_the_record_is_not_done() -> None:
    scene = Scene(concurrency=1)
    await scene.offer(record(0), record(1))
    await scene.work.fail(0)
    assert [str(error) for error in scene.errors] == ["broken"]
    assert scene.work.started == [0, 1]
    await scene.work.end(1)
    assert marks_due(scene.intake) == {}


async def test_an_error_gives_back_the_slots_of_what_waited_behind_it() -> None:
    scene = Scene(ordered=True, concurrency=3)
    await scene.offer(record(0, "a"), record(1, "a"), record(2, "a"))
    await scene.work.fail(0)
    await scene.offer(record(3, "b"), record(4, "c"), record(5, "d"))
    assert scene.work.started == [0, 3, 4, 5]
    await scene.close()


async def test_forgetting_a_partition_cancels_its_work_and_nothing_else() -> None:
    scene = Scene(concurrency=2)
    await scene.offer(record(0), record(0, partition=1))
    await scene.intake.forget([0])
    assert scene.work.cancelled == [0]
    assert len(scene.work.started) == 2
    await scene.close()


@pytest.mark.parametrize("ordered", [True, False])
async def test_work_that_is_cancelled_before_it_began_gives_its_slot_and_its_lane_back(*, ordered: bool) -> None:
    scene = Scene(ordered=ordered, concurrency=2)
    await scene.intake.accept(record(0, "a"))
    await scene.intake.accept(record(1, "a"))
    await scene.intake.forget([0])  # before the loop ran the work for the first time
    assert scene.work.started == []
    scene.intake.ledgers.begin({0: Progress(0)})
    await scene.offer(record(0, "a"), record(1, "b"))
    assert scene.work.started == [0, 1]
    await scene.close()


async def test_a_record_whose_partition_is_lost_while_it_waits_for_a_slot_is_not_started() -> None:
    scene = Scene(concurrency=1)
    await scene.offer(record(0, partition=1), record(5))
    await scene.intake.forget([0])
    scene.intake.ledgers.begin({0: Progress(3)})  # ours again, from what another member has committed
    await scene.work.end(0)
    assert scene.work.started == [0]
    await scene.offer(record(3))
    await scene.work.end(3)
    await scene.offer(record(4))
    await scene.work.end(4)
    await scene.offer(record(5))
    assert scene.work.started == [0, 3, 4, 5]
    assert marks_due(scene.intake) == {0: 5, 1: 1}
    await scene.close()


async def test_what_another_member_has_done_while_it_waited_for_a_slot_is_not_begun() -> None:
    scene = Scene(concurrency=1)
    await scene.offer(record(0), record(1), record(2))
    scene.intake.merge({0: Progress(0, ((1, 2),))})
    await scene.work.end(0)
    assert scene.work.started == [0, 2]
    await scene.work.end(2)
    assert marks_due(scene.intake) == {0: 3}
    await scene.close()


async def test_what_another_member_has_done_while_it_waited_behind_its_key_is_not_begun() -> None:
    scene = Scene(ordered=True, concurrency=4)
    await scene.offer(record(0), record(1), record(2))
    scene.intake.merge({0: Progress(0, ((1, 2),))})
    await scene.work.end(0)
    assert scene.work.started == [0, 2]
    await scene.close()


async def test_what_runs_here_and_was_done_elsewhere_keeps_its_slot_until_it_ends() -> None:
    scene = Scene(concurrency=1)
    await scene.offer(record(0), record(1))
    scene.intake.merge({0: Progress(1)})
    assert scene.work.started == [0]
    await scene.work.end(0)
    assert scene.work.started == [0, 1]
    await scene.close()


async def test_done_after_the_partition_was_lost_does_not_count() -> None:
    held: list[Delivery] = []

    async def hold(delivery: Delivery) -> None:
        held.append(delivery)

    errors: list[BaseException] = []
    intake = Intake(Subscription("merger", TOPIC, hold), errors.append)
    intake.ledgers.begin({0: Progress(0)})
    await intake.accept(record(0))
    await settle()
    await intake.forget([0])
    intake.ledgers.begin({0: Progress(0)})
    await intake.accept(record(0))
    await settle()
    held[0].done()
    assert marks_due(intake) == {}
    held[1].done()
    assert marks_due(intake) == {0: 1}


async def test_draining_waits_for_what_runs() -> None:
    scene = Scene()
    await scene.offer(record(0))
    draining = asyncio.get_running_loop().create_task(scene.intake.drain(5))
    await settle()
    assert not draining.done()
    await scene.work.end(0)
    assert draining.done()
    assert marks_due(scene.intake) == {0: 1}


async def test_draining_cancels_what_does_not_end_in_time_and_leaves_it_undone() -> None:
    scene = Scene()
    await scene.offer(record(0))
    await scene.intake.drain(0)
    assert scene.work.cancelled == [0]
    assert marks_due(scene.intake) == {}


async def test_nothing_is_started_while_draining_not_even_what_waited_for_a_slot() -> None:
    scene = Scene(concurrency=1)
    await scene.offer(record(0), record(1))
    draining = asyncio.get_running_loop().create_task(scene.intake.drain(5))
    await settle()
    await scene.work.end(0)
    await draining
    await scene.offer(record(2))
    assert scene.work.started == [0]
    assert marks_due(scene.intake) == {0: 1}


async def test_what_waits_behind_its_key_is_worked_off_while_draining() -> None:
    scene = Scene(ordered=True, concurrency=2)
    await scene.offer(record(0, "a"), record(1, "a"))
    draining = asyncio.get_running_loop().create_task(scene.intake.drain(5))
    await settle()
    await scene.work.end(0)
    await scene.work.end(1)
    await draining
    assert marks_due(scene.intake) == {0: 2}


async def test_somebody_who_waits_is_told_when_an_end_is_reached() -> None:
    scene = Scene()
    await scene.offer(record(0), record(1))
    waiting = asyncio.get_running_loop().create_task(scene.intake.until(lambda: scene.intake.ledgers.reached({0: 2})))
    await scene.work.end(1)
    assert not waiting.done()
    await scene.work.end(0)
    assert waiting.done()


async def test_somebody_who_waits_is_told_when_the_partition_is_gone() -> None:
    scene = Scene()
    await scene.offer(record(0))
    waiting = asyncio.get_running_loop().create_task(scene.intake.until(lambda: scene.intake.ledgers.reached({0: 1})))
    await settle()
    await scene.intake.forget([0])
    await settle()
    assert waiting.done()


async def test_the_next_record_is_accepted_without_waiting_and_any_other_refused() -> None:
    scene = Scene(concurrency=1)
    assert not scene.intake.accept_next(record(1))
    assert scene.intake.accept_next(record(0))
    assert scene.intake.accept_next(record(1))  # waits for a slot
    assert not scene.intake.accept_next(record(1))
    assert not scene.intake.accept_next(record(0, partition=2))
    await settle()
    assert scene.work.started == [0]
    await scene.offer(record(2))
    await scene.work.end(0)
    assert scene.work.started == [0, 1]
    await scene.work.end(1)
    assert scene.work.started == [0, 1, 2]
    await scene.close()


async def test_what_was_handed_over_and_waits_for_a_slot_is_bounded() -> None:
    scene, value = Scene(concurrency=1), b"x" * (WAITING_BYTES // 4)
    records = [dataclasses.replace(record(offset), value=value) for offset in range(6)]
    assert [scene.intake.accept_next(each) for each in records] == [True] * 5 + [False]
    await settle()
    await scene.work.end(0)
    assert scene.intake.accept_next(records[5])
    await scene.close()


async def test_what_waits_for_a_slot_and_comes_again_with_its_partition_runs_once() -> None:
    scene = Scene(concurrency=1)
    await scene.offer(record(7, partition=1))
    assert scene.intake.accept_next(record(0))
    await scene.intake.forget([0])
    scene.intake.ledgers.begin({0: Progress(0)})
    await scene.offer(record(0))
    await scene.work.end(7)
    await scene.work.keep(0)
    assert scene.work.started == [7, 0]
    await scene.close()


async def test_what_waits_for_a_slot_is_dropped_with_its_partition_and_at_the_end() -> None:
    scene = Scene(concurrency=1)
    assert all(scene.intake.accept_next(record(offset)) for offset in range(3))
    assert scene.intake.accept_next(record(0, partition=1))
    await settle()
    await scene.intake.forget([0])
    await settle()
    assert scene.work.started == [0, 0]  # of partition 1
    assert scene.intake.accept_next(record(1, partition=1))
    await scene.intake.drain(0)
    await settle()
    assert scene.work.started == [0, 0]
    assert not scene.intake.accept_next(record(2, partition=1))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=12), st.integers(1, 4), st.randoms(use_true_random=False))
async def test_fetched_or_handed_over_all_keys_keep_their_order(
    keys: list[str], concurrency: int, choice: Random
) -> None:
    """Some records are handed over before the fetch brings them, others between its records."""
    scene = Scene(ordered=True, concurrency=concurrency)
    records = [record(offset, key) for offset, key in enumerate(keys)]
    offered = 0
    while offered < len(records) or len(scene.work.ended) < len(records):
        running = [offset for offset in scene.work.started if offset not in scene.work.ended]
        may_fetch = offered < len(records) and all(task.done() for task in scene.offering)
        match choice.choice([*(["end"] if running else []), *(["fetch"] if may_fetch else []), "hand over"]):
            case "end":
                await scene.work.end(choice.choice(running))
            case "fetch":
                size = choice.randint(1, 3)
                await scene.offer(*records[offered : offered + size])
                offered += size
            case "hand over":
                for each in records[offered : offered + 2]:
                    scene.intake.accept_next(each)
                await settle()
        assert len(scene.work.started) - len(scene.work.ended) <= concurrency
    assert sorted(scene.work.started) == list(range(len(keys)))
    for key in "abc":
        mine = [offset for offset in scene.work.started if keys[offset] == key]
        assert mine == sorted(mine)
    assert marks_due(scene.intake) == {0: len(keys)}


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=12), st.integers(1, 4), st.randoms(use_true_random=False))
async def test_in_any_order_of_endings_all_keys_keep_their_order_and_all_becomes_committable(
    keys: list[str], concurrency: int, order: Random
) -> None:
    scene = Scene(ordered=True, concurrency=concurrency)
    await scene.offer(*(record(offset, key) for offset, key in enumerate(keys)))
    while running := [offset for offset in scene.work.started if offset not in scene.work.ended]:
        assert len(running) <= concurrency
        assert len({keys[offset] for offset in running}) == len(running)
        await scene.work.end(order.choice(running))
    for key in "abc":
        mine = [offset for offset in scene.work.ended if keys[offset] == key]
        assert mine == sorted(mine)
    assert marks_due(scene.intake) == {0: len(keys)}
