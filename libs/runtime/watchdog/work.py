"""The watchdog over record handling: reports overdue work, and finally fails the process."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from libs.contracts.catalogue import COMMANDS
from libs.contracts.record import Record
from libs.core.clock import Clock, SystemClock
from libs.core.errors import FleetError
from libs.runtime.telemetry import STUCK_WORK
from libs.runtime.watchdog.waiting_stack import waiting_stack

log = logging.getLogger(__name__)
_COMMANDS = frozenset(command.schema_name().encode() for command in COMMANDS)


class StuckHandler(FleetError):
    """Work on a record does not end; the log contains its stack."""

    code = "stuck_handler"


@dataclass(frozen=True)
class WatchdogTimeouts:
    """Seconds: for a command after its deadline, for a fact from its start; then until the process fails."""

    command_s: float = 15.0
    fact_s: float = 300.0
    fail_after_s: float = 600.0
    check_interval_s: float = 5.0


@dataclass(slots=True, eq=False)
class WatchedWork:
    """One record in work, not paused since `since`; a command is to end by `ends_at`.

    Both are monotonic: a step of the machine's clock makes nothing late.
    """

    record: Record
    task: "asyncio.Task[object] | None"
    since: float
    ends_at: float | None
    pauses: int = 0
    reported: bool = False

    def overdue_at(self, timeouts: WatchdogTimeouts) -> float:
        """In monotonic time."""
        if self.ends_at is None:
            return self.since + timeouts.fact_s
        return max(self.since, self.ends_at) + timeouts.command_s


_work_of_task: ContextVar[WatchedWork | None] = ContextVar("work_of_task", default=None)


@contextmanager
def watchdog_paused() -> Iterator[None]:
    """Exclude a wait for a dependency (an unavailable broker or store, a due time) from the time in work."""
    work = _work_of_task.get()
    if work is None:
        yield
        return
    work.pauses += 1
    try:
        yield
    finally:
        work.pauses -= 1


class Watchdog:
    """All work of a process. `on_stuck` is called when work has been overdue for `fail_after_s`.

    The broker does not detect stuck handlers: a member counts as alive while it sends heartbeats, also without fetching
    (waiting for capacity may take an hour). A command is overdue some time after its deadline; as the policy enforces
    the deadline, its handler swallows the cancellation. A fact is overdue after a fixed time.
    """

    def __init__(
        self,
        on_stuck: Callable[[BaseException], None],
        clock: Clock | None = None,
        timeouts: WatchdogTimeouts | None = None,
    ) -> None:
        self._on_stuck = on_stuck
        self._clock = clock or SystemClock()
        self._timeouts = timeouts or WatchdogTimeouts()
        self._works: set[WatchedWork] = set()

    def in_work(self) -> list[Record]:
        return [work.record for work in self._works]

    @contextmanager
    def working(self, record: Record) -> Iterator[None]:
        """Mark the current task as working on a record."""
        work = WatchedWork(record, asyncio.current_task(), self._clock.monotonic(), self._ends_at(record))
        self._works.add(work)
        _work_of_task.set(work)
        try:
            yield
        finally:
            _work_of_task.set(None)
            self._works.discard(work)

    async def run(self) -> None:
        """Check periodically until cancelled."""
        while True:
            await asyncio.sleep(self._timeouts.check_interval_s)
            self.check()

    def check(self) -> None:
        """Report each overdue record once; fail the process for one that is overdue by more than `fail_after_s`."""
        now = self._clock.monotonic()
        for work in list(self._works):
            if work.pauses:
                work.since = now
            elif (late_s := now - work.overdue_at(self._timeouts)) > 0:
                self._report(work, late_s)

    def _ends_at(self, record: Record) -> float | None:
        """Monotonic time of a command's deadline, None for a fact."""
        headers = dict(record.headers)
        if headers.get("schema") not in _COMMANDS:
            return None
        return self._clock.monotonic() + _seconds(headers.get("deadline_at", b"")) - self._clock.now()

    def _report(self, work: WatchedWork, late_s: float) -> None:
        record = work.record
        what = f"work on {record.topic}/{record.partition} at {record.offset}"
        if not work.reported:
            work.reported = True
            STUCK_WORK.labels(record.topic).inc()
            log.error("%s does not end; it waits here:\n%s", what, waiting_stack(work.task))
        if late_s > self._timeouts.fail_after_s:
            self._on_stuck(StuckHandler(f"{what} is {late_s:.0f} s late; the process ends, so that it begins anew"))


def disabled_watchdog() -> Watchdog:
    return Watchdog(lambda _: None)


def _seconds(header: bytes) -> float:
    try:
        return float(header)
    except ValueError:
        return 0.0
