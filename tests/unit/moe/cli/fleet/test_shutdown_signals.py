"""Signals: in order on the first, at once on the second, never later than promised."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

import pytest

from libs.testing.waiting import waiting
from moe.cli.fleet import shutdown_signals
from moe.cli.fleet.shutdown_signals import Interrupted, ShutdownSignals


@pytest.fixture
def left() -> list[int]:
    """Exit codes of the immediate exits of the process."""
    return []


@pytest.fixture
def stop(left: list[int]) -> ShutdownSignals:
    return ShutdownSignals(leave=left.append)


async def test_the_first_signal_asks_to_stop_and_leaves_time_for_it(stop: ShutdownSignals, left: list[int]) -> None:
    stop.request(signal.SIGINT)
    assert stop.requested.is_set()
    assert left == []


@pytest.mark.parametrize(("second", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_the_second_signal_ends_at_once(
    stop: ShutdownSignals, left: list[int], second: signal.Signals, code: int
) -> None:
    stop.request(signal.SIGINT)
    stop.request(second)
    assert left == [code]


async def test_a_stop_that_takes_too_long_is_cut_short(
    left: list[int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutdown_signals, "STOP_WITHIN_S", 0.01)
    gone = asyncio.Event()

    def leave(code: int) -> None:
        left.append(code)
        gone.set()

    ShutdownSignals(leave).request(signal.SIGTERM)
    async with waiting(30):
        await gone.wait()
    assert left == [143]
    assert capsys.readouterr().err == "stopping took too long\n"


async def test_what_is_being_started_is_not_waited_for(stop: ShutdownSignals) -> None:
    opened = asyncio.Event()

    async def start() -> None:
        with stop.starting():
            opened.set()
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        starting = group.create_task(refused(start))
        await opened.wait()
        stop.request(signal.SIGINT)
    assert starting.result()


async def test_after_a_signal_nothing_is_started_any_more(stop: ShutdownSignals) -> None:
    stop.request(signal.SIGINT)
    with pytest.raises(Interrupted), stop.starting():
        pytest.fail("it began to start")


async def test_what_has_been_started_is_not_cancelled(stop: ShutdownSignals) -> None:
    with stop.starting():
        pass
    stop.request(signal.SIGINT)
    await asyncio.sleep(0)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_being_cancelled_by_somebody_else_is_not_a_signal(stop: ShutdownSignals) -> None:
    async def start() -> None:
        with stop.starting():
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await start()


async def refused(start: Callable[[], Awaitable[None]]) -> bool:
    try:
        await start()
    except Interrupted:
        return True
    return False
