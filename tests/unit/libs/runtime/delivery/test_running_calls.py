"""Running calls: those that a cancelled request stops, and those that it does not."""

import asyncio
import contextlib

import pytest

from libs.runtime.delivery.running_calls import LruSet, RequestKey, RunningCalls

R1, R2 = ("acme", "r1"), ("acme", "r2")


class Call:
    """A task that works for a response until it is stopped."""

    def __init__(self, calls: RunningCalls, request: RequestKey = R1) -> None:
        self.calls = calls
        self.request = request
        self.went_on = False
        self.end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        with self.calls.running(self.request):
            await self.end
        self.went_on = True


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def calls() -> RunningCalls:
    return RunningCalls()


async def test_cancelling_ends_the_block_and_not_the_task(calls: RunningCalls) -> None:
    call = Call(calls)
    await settle()
    calls.cancel(R1)
    await call.task
    assert call.end.cancelled()
    assert call.went_on
    assert call.task.cancelling() == 0


async def test_only_the_calls_of_that_response_are_stopped(calls: RunningCalls) -> None:
    mine, also_mine, other = Call(calls), Call(calls), Call(calls, R2)
    await settle()
    calls.cancel(R1)
    await asyncio.gather(mine.task, also_mine.task)
    assert not other.task.done()
    other.end.set_result(None)
    await other.task


async def test_cancelling_twice_is_cancelling_once(calls: RunningCalls) -> None:
    call = Call(calls)
    await settle()
    calls.cancel(R1)
    calls.cancel(R1)
    await call.task
    assert call.went_on


async def test_a_task_that_is_cancelled_itself_ends(calls: RunningCalls) -> None:
    call = Call(calls)
    await settle()
    call.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call.task
    assert not call.went_on


async def test_a_task_that_is_cancelled_by_both_ends(calls: RunningCalls) -> None:
    call = Call(calls)
    await settle()
    calls.cancel(R1)
    call.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call.task
    assert not call.went_on


async def test_what_a_stopped_call_raises_is_of_no_interest(calls: RunningCalls) -> None:
    async def translate() -> str:
        with calls.running(R1):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError as error:
                raise ConnectionError("closed") from error
        return "went on"

    task = asyncio.get_running_loop().create_task(translate())
    await settle()
    calls.cancel(R1)
    assert await task == "went on"
    assert task.cancelling() == 0


async def test_a_call_that_ends_in_spite_of_it_is_not_marked_as_cancelled(calls: RunningCalls) -> None:
    async def insist() -> str:
        with calls.running(R1), contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        return "went on"

    task = asyncio.get_running_loop().create_task(insist())
    await settle()
    calls.cancel(R1)
    assert await task == "went on"
    assert task.cancelling() == 0


async def test_an_error_of_a_call_that_nobody_stopped_is_raised(calls: RunningCalls) -> None:
    calls.cancel(R1)  # before the call begins: its caller checks first
    with pytest.raises(ValueError, match="broken"), calls.running(R1):
        raise ValueError("broken")


def test_a_cancelled_response_is_remembered(calls: RunningCalls) -> None:
    calls.cancel(R1)
    assert calls.is_cancelled(R1)
    assert not calls.is_cancelled(R2)


def test_recent_keeps_the_last_ones() -> None:
    recent = LruSet[str](2)
    for item in ("a", "b", "a", "c"):
        recent.add(item)
    assert ["a" in recent, "b" in recent, "c" in recent] == [True, False, True]
    recent.discard("a")
    recent.discard("never there")
    assert "a" not in recent
