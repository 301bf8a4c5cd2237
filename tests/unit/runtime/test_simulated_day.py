"""A day of requests through one join: answered, cancelled, abandoned, late, and after it nothing is held for them."""

import asyncio

import psutil

from libs.testing.fake_clock import TEST_TIME_S, JumpingLoop
from libs.testing.records import request
from tests.unit.runtime.join_scene import Scene, Talk, clocked

loop_factory = JumpingLoop
DAY_S = 24 * 3600
EVERY_S = 30


class Request(Talk):
    """The messages of a request that is opened at a time of the day."""

    def __init__(self, at: float) -> None:
        super().__init__()
        self.envelope = request(deadline_at=TEST_TIME_S + at + 60)


async def _live(scene: Scene, talk: Talk, number: int) -> None:
    """Send what one request in a row of five sends; the last two never reach an end of their own."""
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


async def test_a_day_leaves_no_open_join_no_due_time_and_no_descriptor() -> None:
    scene, process = Scene(), psutil.Process()
    sizes: list[tuple[int, int]] = []
    async with clocked(scene):
        descriptors = process.num_fds()
        for number in range(DAY_S // EVERY_S):
            await _live(scene, Request(number * EVERY_S), number)
            await asyncio.sleep(EVERY_S)
            sizes.append((len(scene.runner._open), scene.runner._due.size))
        await asyncio.sleep(120)
        assert len(scene.finished) == scene.offset + 1  # every record may be committed
        assert (len(scene.runner._open), len(scene.watchdog.in_work()), scene.errors) == (0, 0, [])
        assert process.num_fds() == descriptors
    hour = 3600 // EVERY_S
    assert max(sizes[-hour:]) <= max(sizes[:hour])  # the last hour needs no more than the first
    assert scene.said.count("expired") == 2 * (DAY_S // EVERY_S) // 5
