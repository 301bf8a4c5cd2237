"""A watchdog thread over the event loop: a handler that blocks the loop stops heartbeats and probes."""

import asyncio
import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from libs.runtime.telemetry import LOOP_BLOCKED

log = logging.getLogger(__name__)

EXIT_CODE = 70  # an internal error, as sysexits.h calls it


@dataclass(frozen=True)
class LoopTimeouts:
    """Seconds without a loop iteration, until the stack is logged and until the process ends.

    The broker reassigns the partitions after six.
    """

    report_after_s: float = 3.0
    exit_after_s: float = 60.0
    round_s: float = 0.5


class LoopWatch:
    """Watches the event loop of the creating thread. `end` must not return to a blocked loop.

    It counts its own rounds instead of reading a clock: after a suspension of the process the loop counts as running.
    """

    def __init__(self, timeouts: LoopTimeouts, end: Callable[[int], object] = os._exit) -> None:
        self._timeouts = timeouts
        self._end = end
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._turned = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="loop-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread; blocks until it has ended."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        silent_rounds = 0
        self._schedule_probe()
        while not self._over.wait(self._timeouts.round_s):
            if self._turned.is_set():
                silent_rounds = 0
                self._schedule_probe()
            else:
                silent_rounds += 1
                self._judge(silent_rounds)

    def _schedule_probe(self) -> None:
        self._turned.clear()
        try:
            self._loop.call_soon_threadsafe(self._turned.set)
        except RuntimeError:  # the loop is closed
            self._over.set()

    def _judge(self, silent_rounds: int) -> None:
        if silent_rounds == round(self._timeouts.report_after_s / self._timeouts.round_s):
            LOOP_BLOCKED.inc()
            log.error("the event loop does not turn; it is busy here:\n%s", self._stack())
        if silent_rounds >= round(self._timeouts.exit_after_s / self._timeouts.round_s):
            log.critical("the event loop has not turned for %g s; the process ends", self._timeouts.exit_after_s)
            self._end(EXIT_CODE)

    def _stack(self) -> str:
        frame = sys._current_frames().get(self._loop_thread)
        return "".join(traceback.format_stack(frame)) if frame is not None else "(nowhere)"


@contextmanager
def watched_loop(timeouts: LoopTimeouts | None = None) -> Iterator[None]:
    """Watch the running loop while the block runs."""
    watch = LoopWatch(timeouts or LoopTimeouts())
    watch.start()
    try:
        yield
    finally:
        watch.stop()
