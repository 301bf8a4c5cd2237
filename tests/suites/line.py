"""One line of a run: a command, its time limit, and its result."""

import os
import re
import resource
import signal
import statistics
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, TextIO

import psutil

from tests.suites.fixed_work import one_work_cpu_s

PYTEST_FIGURE: Final = r"((?:\d+ (?:failed|passed|skipped|errors?|xfailed)(?:, )?)+).* in [\d.]+s"
LIMIT_S: Final = 3600.0
NOT_JUDGED: Final = "figures were not judged"  # output of a bench run on a busy machine
BUSY_SHARE: Final = 0.15  # of all cores, used by other processes: above it, no time of this run judges anything
_GRACE_S: Final = 30.0
_SAMPLES_EVERY_S: Final = 10.0
# What `make test-full ARGS=...` hands down: a line that is a `make` too would take them for its own.
_WITHOUT_MAKE: Final = ("env", "-u", "MAKEFLAGS", "-u", "MAKELEVEL", "-u", "MFLAGS", "-u", "ARGS", "-u", "FILES")


@dataclass(frozen=True)
class Line:
    """A command of a run. `figure` finds the figure of the table in its output; the last match counts."""

    name: str
    command: tuple[str, ...]
    figure: str = PYTEST_FIGURE
    limit_s: float = LIMIT_S


@dataclass(frozen=True)
class Result:
    """Result of a line: "ok", "failed", "out of time", "interrupted" or "not judged".

    `cpu_s`: of the command and its children. `others_share`: the part of all cores that other processes used meanwhile.
    `work_cpu_s`: median CPU seconds of a fixed piece of work, done every 10 s beside the command; 0: unknown. It tells
    how fast the machine was under this load, virtual machines on the same cores included.
    """

    name: str
    verdict: str
    figure: str
    seconds: float
    cpu_s: float
    others_share: float
    log: str
    work_cpu_s: float = 0.0

    @property
    def is_ok(self) -> bool:
        """Whether the line passed."""
        return self.verdict == "ok"

    @property
    def was_quiet(self) -> bool:
        """Whether the machine did little else, so that times may be judged."""
        return self.others_share <= BUSY_SHARE


def run_line(line: Line, log: Path, *, echo: bool) -> Result:
    """Run a command; its output goes to `log`, and with `echo` to the terminal too.

    A command that takes too long, or that Ctrl-C interrupts, gets SIGINT with its children, then SIGKILL.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as file, _Meter() as meter:
        verdict = _run(line, (file, sys.stdout) if echo else (file,))
    seconds, cpu_s, others_share = meter.read()
    output = log.read_text()
    if verdict == "ok" and NOT_JUDGED in output:
        verdict = "not judged"
    figure = last_match(line.figure, output)
    return Result(line.name, verdict, figure, seconds, cpu_s, others_share, str(log), meter.work_cpu_s())


def last_match(pattern: str, output: str) -> str:
    """Last match of a figure, or the start of the last line."""
    matches = [match.group(match.lastindex or 0) for match in re.finditer(pattern, output)]
    lines = [line for line in output.splitlines() if line.strip()]
    return (matches or lines or [""])[-1].strip(" ,")[:80]


def _run(line: Line, files: tuple[TextIO, ...]) -> str:
    process = subprocess.Popen(
        (*_WITHOUT_MAKE, *line.command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    late = threading.Event()

    def end_late() -> None:
        late.set()
        _end(process)

    timer = threading.Timer(line.limit_s, end_late)
    timer.start()
    assert process.stdout is not None
    try:
        for text in process.stdout:
            for file in files:
                file.write(text)
                file.flush()
        code = process.wait()
    except KeyboardInterrupt:
        _end(process)
        return "interrupted"
    finally:
        timer.cancel()
        timer.join()
        process.stdout.close()
    if late.is_set():
        return "out of time"
    return "ok" if code == 0 else "failed"


def _end(process: subprocess.Popen[str]) -> None:
    for signalled in (signal.SIGINT, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signalled)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_S)
            return


class _Meter:
    """Counts wall time, CPU time of children that ended, and that of all processes; samples the machine's speed."""

    def __init__(self) -> None:
        self._start = self._now()
        self._work_cpu_s: list[float] = []
        self._ended = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._sampler.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._sampler.join()

    def read(self) -> tuple[float, float, float]:
        """Seconds, CPU seconds, and the share of all cores that others used."""
        wall, own, everybody = (now - start for now, start in zip(self._now(), self._start, strict=True))
        others_share = (everybody - own) / (wall * (os.cpu_count() or 1))
        return round(wall, 1), round(own, 1), round(max(0.0, others_share), 3)

    def work_cpu_s(self) -> float:
        return round(statistics.median(self._work_cpu_s), 4)

    def _sample(self) -> None:
        while True:
            self._work_cpu_s.append(one_work_cpu_s())
            if self._ended.wait(_SAMPLES_EVERY_S):
                return

    def _now(self) -> tuple[float, float, float]:
        times = psutil.cpu_times()
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy = sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0)
        return time.monotonic(), children.ru_utime + children.ru_stime, busy
