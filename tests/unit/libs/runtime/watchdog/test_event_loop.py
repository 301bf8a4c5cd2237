"""The thread that watches the event loop: it reports where a blocked loop is busy, and ends the process in the end."""

import asyncio
import logging
import threading

import pytest

from libs.runtime.watchdog.event_loop import EXIT_CODE, LoopTimeouts, LoopWatch, watched_loop

QUICK = LoopTimeouts(report_after_s=0.02, exit_after_s=0.1, round_s=0.01)
PATIENCE_S = 60.0


class Blockade:
    """Blocks the loop until the watch has ended."""

    def __init__(self, patience: LoopTimeouts) -> None:
        self.codes: list[int] = []
        self._ended = threading.Event()
        self._watch = LoopWatch(patience, self._end)

    def _end(self, code: int) -> None:
        self.codes.append(code)
        self._ended.set()

    def block_until_ended(self) -> None:
        self._watch.start()  # started here, so that the reported place is this function, even if the wait begins late
        self._ended.wait(PATIENCE_S)

    def run(self) -> None:
        self.block_until_ended()
        self._watch.stop()


async def test_a_loop_that_does_not_turn_ends_the_process() -> None:
    blockade = Blockade(QUICK)
    blockade.run()
    assert set(blockade.codes) == {EXIT_CODE}


async def test_before_that_it_says_where_the_loop_is_busy(caplog: pytest.LogCaptureFixture) -> None:
    Blockade(QUICK).run()
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(told) == 1
    assert "in block_until_ended" in told[0]


async def test_a_loop_that_turns_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    patience = LoopTimeouts(report_after_s=5, exit_after_s=10, round_s=0.001)
    with watched_loop(patience):
        for _ in range(20):
            await asyncio.sleep(0.005)
    assert caplog.records == []


async def test_when_the_block_is_left_nobody_watches_any_more() -> None:
    with watched_loop():
        assert "loop-watch" in {thread.name for thread in threading.enumerate()}
    assert "loop-watch" not in {thread.name for thread in threading.enumerate()}
