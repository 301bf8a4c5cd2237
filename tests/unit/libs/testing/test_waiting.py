"""Waits in tests end, and are counted in real time."""

import asyncio

import pytest

from libs.testing.fake_clock import FakeClock
from libs.testing.waiting import WAITS, WaitRecorder, eventually, waiting


def test_waits_beside_each_other_count_once() -> None:
    clock = FakeClock()
    recorder = WaitRecorder(clock)
    with recorder.record():
        clock.advance(2)
        with recorder.record():
            clock.advance(3)
    clock.advance(100)
    with recorder.record():
        clock.advance(1)
    assert recorder.restart() == pytest.approx(6)


def test_a_restart_counts_the_wait_under_way_to_both_sides() -> None:
    clock = FakeClock()
    recorder = WaitRecorder(clock)
    with recorder.record():
        clock.advance(2)
        assert recorder.restart() == pytest.approx(2)
        clock.advance(3)
    assert recorder.restart() == pytest.approx(3)


async def test_a_fact_ends_the_wait_and_is_looked_at_first() -> None:
    looks = 0

    def met() -> bool:
        nonlocal looks
        looks += 1
        return looks == 3

    await eventually(met, look_every_s=0.0)
    assert looks == 3


async def test_a_fact_may_have_to_be_awaited() -> None:
    found = asyncio.Event()

    async def met() -> bool:
        was_set = found.is_set()
        found.set()
        return was_set

    await eventually(met, look_every_s=0.0)
    assert found.is_set()


async def test_what_was_found_is_returned() -> None:
    found = iter((None, "", "word"))

    async def awaited() -> str | None:
        return next(found)

    assert await eventually(awaited, look_every_s=0.0) == "word"
    assert await eventually(lambda: [1]) == [1]


async def test_what_never_holds_ends_in_an_error_and_counts() -> None:
    before = WAITS.total_s
    with pytest.raises(TimeoutError):
        await eventually(lambda: False, within_s=0.05)
    assert WAITS.total_s - before >= 0.05


async def test_a_wait_for_an_event_counts() -> None:
    before = WAITS.total_s
    with pytest.raises(TimeoutError):
        async with waiting(0.05):
            await asyncio.Event().wait()
    assert WAITS.total_s - before >= 0.05
