"""The log of worker processes: their standard error is a pipe to the service, which logs it.

A worker must not have the service's own standard error: it could empty a log file, read a terminal, or control it.
"""

import asyncio
import json
import logging
import os

from libs.core.clock import Clock, SystemClock
from libs.core.failure_throttle import FailureThrottle

MOST_BYTES = 64 * 1024  # of one line
PER_MINUTE = 60

log = logging.getLogger(__name__)


class WorkerLog(asyncio.Protocol):
    """Logs each line as one record, as text of a worker. Longer lines are cut, and lines above the rate dropped."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._rate = FailureThrottle(PER_MINUTE)
        self._line = bytearray()

    def data_received(self, data: bytes) -> None:
        *ended, rest = data.split(b"\n")
        for part in ended:
            self._add(part)
            self._log_line()
        self._add(rest)

    def eof_received(self) -> None:
        self._log_line()

    def _add(self, part: bytes) -> None:
        self._line += part[: MOST_BYTES - len(self._line)]

    def _log_line(self) -> None:
        line = bytes(self._line)
        self._line.clear()
        if line and not self._rate.record_failure(b"", self._clock.monotonic()):
            log.error("a worker reports: %s", _report_in(line))


async def open_worker_log() -> tuple[int, asyncio.ReadTransport]:
    """The writable end for a child process, which the caller closes, and the log at its other end."""
    readable, writable = os.pipe()
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.connect_read_pipe(WorkerLog, os.fdopen(readable, "rb", buffering=0))
    except BaseException:
        os.close(writable)
        raise
    return writable, transport


def _report_in(line: bytes) -> str:
    """The content of a defect report, or the line itself."""
    try:
        report = json.loads(line)
        return f"{report['message']}\n{report['traceback']}"
    except (ValueError, KeyError, TypeError, RecursionError):
        return line.decode(errors="backslashreplace")
