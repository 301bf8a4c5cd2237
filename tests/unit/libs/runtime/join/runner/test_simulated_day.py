"""A day of requests through one join: answered, cancelled, abandoned, late, and after it nothing is held for them."""

import asyncio
import gc
import sys
from dataclasses import dataclass, field

import psutil
import pytest

from libs.core.ids import accepted_at_of, new_response_id
from libs.testing.fake_clock import TEST_TIME_S, run_jumping
from libs.testing.records import request
from tests.support.runtime.small_join import Scene, Talk, clocked

DAY_S = 24 * 3600
EVERY_S = 30
NONE = (0, 0)
HOUR = 3600 // EVERY_S  # requests
REMEMBERED = 100  # ended requests; 100,000 in the product, which a day of this pace does not reach
GROWTH = 50  # blocks of Python's allocator, about the size of one open join


class Request(Talk):
    """The messages of a request that is opened at a time of the day."""

    def __init__(self, at: float) -> None:
        super().__init__()
        self.origin = request(deadline_at=TEST_TIME_S + at + 60)


@dataclass
class Day:
    """State of a day: most open joins and due times in each hour, blocks of memory after each hour."""

    scene: Scene
    joins: list[tuple[int, int]] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)
    finished: int = 0
    expired: int = 0

    async def pass_by(self) -> None:
        self.descriptors.append(psutil.Process().num_fds())
        held = NONE
        for number in range(DAY_S // EVERY_S):
            await _live(self.scene, Request(number * EVERY_S), number)
            await asyncio.sleep(EVERY_S)
            held = max(held, (len(self.scene.runner._open), self.scene.runner._due.size))
            if number % HOUR == HOUR - 1:
                self.joins.append(held)
                held = NONE
                self._count()
                self.blocks.append(sys.getallocatedblocks())
        await asyncio.sleep(120)
        self._count()
        self.descriptors.append(psutil.Process().num_fds())

    def _count(self) -> None:
        """Count the records that the scene keeps for its tests, and delete them."""
        self.finished += len(self.scene.finished)
        self.expired += self.scene.published.count("expired")
        self.scene.finished.clear()
        self.scene.publisher.published.clear()
        self.scene.deltas.written.clear()
        gc.collect()


@pytest.fixture(scope="module")
def day() -> Day:
    """Let a day pass in virtual time."""

    async def scenario() -> Day:
        passed = Day(Scene())
        async with clocked(passed.scene):
            await passed.pass_by()
        return passed

    for _ in range(4096):
        accepted_at_of(new_response_id(0, TEST_TIME_S))  # the cache of ids is full before the day begins
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("libs.runtime.join.runner.REMEMBERED", REMEMBERED)
        return run_jumping(scenario())


async def _live(scene: Scene, talk: Talk, number: int) -> None:
    """Send the messages of one request in a row of five; the last two never reach an end of their own."""
    await scene.take(talk.opened())
    await scene.take(talk.part("a"))
    match number % 5:
        case 0:
            await scene.take(talk.part("end"))
        case 1:
            await scene.take(talk.cancelled())
        case 2:
            await scene.take(talk.part("end"))
            await scene.take(talk.part("late"))


def test_every_record_of_a_day_may_be_committed_and_two_of_five_requests_expire(day: Day) -> None:
    assert day.finished == day.scene.offset + 1
    assert day.expired == 2 * (DAY_S // EVERY_S) // 5
    assert day.scene.errors == []


def test_a_day_leaves_no_open_join_no_work_and_no_descriptor(day: Day) -> None:
    assert (len(day.scene.runner._open), len(day.scene.watchdog.in_work())) == (0, 0)
    assert day.descriptors[0] == day.descriptors[-1]


def test_the_last_hour_of_a_day_holds_no_more_joins_and_due_times_than_the_first(day: Day) -> None:
    assert NONE < day.joins[-1] <= day.joins[0]


def test_the_memory_of_a_day_is_that_of_its_second_hour(day: Day) -> None:
    assert day.blocks[-1] - day.blocks[1] <= GROWTH, day.blocks
