"""Work that does not end is logged once, with the place where it waits; in the end the process fails."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from libs.contracts.message import Message
from libs.contracts.plan import ToolCall
from libs.contracts.progress import PartCompleted
from libs.contracts.record import Record
from libs.contracts.tool import RunTool
from libs.runtime.watchdog.work import StuckHandler, Watchdog, WatchdogTimeouts, watchdog_paused
from libs.testing.fake_clock import TEST_TIME_S, JumpingLoop, LoopClock
from libs.testing.records import record_of, request

loop_factory = JumpingLoop
PATIENCE = WatchdogTimeouts(command_s=10, fact_s=100, fail_after_s=50, check_interval_s=1)
DEADLINE_S = 30


class Scene:
    """A watchdog that runs, and handlers that wait."""

    def __init__(self) -> None:
        self.failures: list[BaseException] = []
        self.watchdog = Watchdog(self.failures.append, LoopClock(), PATIENCE)
        self._running: list[asyncio.Task[None]] = []
        self.start(self.watchdog.run())

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        self._running.append(asyncio.get_running_loop().create_task(work))

    async def handle(self, record: Record) -> None:
        with self.watchdog.working(record):
            await self.never()

    async def handle_excused(self, record: Record, seconds: float) -> None:
        with self.watchdog.working(record):
            with watchdog_paused():
                await asyncio.sleep(seconds)
            await self.never()

    async def never(self) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


@pytest.fixture
async def scene() -> Scene:
    return Scene()


def command() -> Record:
    return _record(RunTool(part="a", call=ToolCall(tool="calculate", arguments={})))


def fact() -> Record:
    return _record(PartCompleted(part="a", part_kind="tool"))


def _record(message: Message) -> Record:
    return record_of(message.opening(request(deadline_at=TEST_TIME_S + DEADLINE_S)))


async def is_told_after(seconds: float, caplog: pytest.LogCaptureFixture) -> bool:
    """Whether the first report falls after this time, and soon after it."""
    await asyncio.sleep(seconds - 1)
    early = list(caplog.records)
    await asyncio.sleep(4)
    return not early and bool(caplog.records)


async def test_a_command_is_told_some_time_after_its_deadline(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.start(scene.handle(command()))
    assert await is_told_after(DEADLINE_S + 10, caplog)
    await scene.close()


async def test_a_fact_is_told_when_it_takes_longer_than_any_should(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.start(scene.handle(fact()))
    assert await is_told_after(100, caplog)
    await scene.close()


async def test_it_is_told_once_and_with_the_place_where_it_waits(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.start(scene.handle(fact()))
    await asyncio.sleep(140)
    (told,) = [record.getMessage() for record in caplog.records]
    assert "in Scene.handle: await self.never()" in told
    assert "in Scene.never: await asyncio.Event().wait()" in told
    await scene.close()


async def test_in_the_end_the_process_fails(scene: Scene) -> None:
    scene.start(scene.handle(fact()))
    await asyncio.sleep(145)
    assert scene.failures == []
    await asyncio.sleep(10)
    assert isinstance(scene.failures[0], StuckHandler)
    await scene.close()


async def test_a_wait_for_the_world_does_not_count(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.start(scene.handle_excused(fact(), seconds=1000))
    assert await is_told_after(1100, caplog)
    assert scene.failures == []
    await scene.close()


async def test_what_has_ended_is_forgotten(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    with scene.watchdog.working(fact()):
        await asyncio.sleep(5)
    await asyncio.sleep(500)
    assert caplog.records == []
    await scene.close()


async def test_outside_of_any_work_there_is_nothing_to_excuse() -> None:
    with pytest.raises(KeyError), watchdog_paused():
        raise KeyError("an error of the block is its own")


async def test_a_record_that_cannot_be_read_has_the_time_of_a_fact(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Record("moe.pipeline.run-tool.v1", 0, 0, 0, None, (("deadline_at", b"soon"),), b"{")
    scene.start(scene.handle(broken))
    assert await is_told_after(100, caplog)
    await scene.close()
