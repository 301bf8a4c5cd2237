"""Objects that are entered before use."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest

from libs.core.resource import Resource


@dataclass(frozen=True)
class Recorder(Resource):
    """Two steps; `failing` names the one that raises, `waiting` holds the start between them."""

    failing: str = ""
    waiting: asyncio.Event | None = None
    seen: list[str] = field(default_factory=list)

    async def _enter(self, stack: AsyncExitStack) -> None:
        for step in ("first", "second"):
            self._note(f"start {step}")
            stack.callback(self._note, f"stop {step}")
            if self.waiting is not None:
                await self.waiting.wait()

    def _note(self, step: str) -> None:
        self.seen.append(step)
        if step == self.failing:
            raise ValueError(step)


async def test_steps_end_in_the_reverse_order_of_their_start() -> None:
    recorder = Recorder()
    async with recorder as entered:
        assert entered is recorder
        assert recorder.seen == ["start first", "start second"]
    assert recorder.seen[2:] == ["stop second", "stop first"]


async def test_a_failed_start_undoes_what_was_started() -> None:
    recorder = Recorder(failing="start second")
    with pytest.raises(ValueError, match="start second"):
        await recorder.__aenter__()
    assert recorder.seen == ["start first", "start second", "stop first"]


async def test_a_cancelled_start_undoes_what_was_started() -> None:
    recorder = Recorder(waiting=asyncio.Event())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await recorder.__aenter__()
    assert recorder.seen == ["start first", "stop first"]


async def test_a_step_that_fails_at_the_end_does_not_keep_others_from_ending() -> None:
    recorder = Recorder(failing="stop second")
    with pytest.raises(ValueError, match="stop second"):
        async with recorder:
            pass
    assert recorder.seen[2:] == ["stop second", "stop first"]


async def test_an_error_of_the_block_is_raised_after_the_end() -> None:
    recorder = Recorder()
    with pytest.raises(KeyError):
        async with recorder:
            raise KeyError
    assert recorder.seen[2:] == ["stop second", "stop first"]


async def test_a_resource_can_be_entered_again_and_left_twice() -> None:
    recorder = Recorder()
    for _ in range(2):
        async with recorder:
            pass
        await recorder.__aexit__(None, None, None)
    assert len(recorder.seen) == 8
