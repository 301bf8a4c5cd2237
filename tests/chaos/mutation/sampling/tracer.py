"""A pytest plugin: `--trace-into FOLDER` records which lines of the product each test executes.

Coverage.py's tables hold the lines, with the id of the test as context. Beside them a JSON file for each process of
tests has the seconds of every test, and those that started a process, whose execution is not traced.
"""

import json
import os
import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

TRACED = ("libs/*", "services/*")
TABLES, TIMES = "lines", "times"  # how the names of the files begin
_STARTS = {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--trace-into", type=Path, help="Folder for the lines that each test executes.")


def pytest_configure(config: pytest.Config) -> None:
    folder: Path | None = config.getoption("--trace-into")
    if folder is not None and (hasattr(config, "workerinput") or not config.getoption("numprocesses", None)):
        config.pluginmanager.register(Tracer(config.rootpath, folder))


class Tracer:
    """Traces one process of tests."""

    def __init__(self, root: Path, folder: Path) -> None:
        from coverage import Coverage  # not in the project's own environment

        self._folder = folder
        self._seconds: dict[str, float] = {}
        self._starters: set[str] = set()
        self._running = ""
        self._coverage = Coverage(
            data_file=str(folder / TABLES),
            data_suffix=True,
            config_file=False,
            include=[str(root / pattern) for pattern in TRACED],
            messages=False,
        )
        sys.addaudithook(self._note_start)
        self._coverage.start()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._running, started = item.nodeid, time.monotonic()
        self._coverage.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self._coverage.switch_context("")
            self._seconds[item.nodeid] = round(time.monotonic() - started, 3)
            self._running = ""

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        self._coverage.save()
        times = {"seconds": self._seconds, "starters": sorted(self._starters)}
        (self._folder / f"{TIMES}-{os.getpid()}.json").write_text(json.dumps(times))

    def _note_start(self, event: str, _arguments: Sequence[object]) -> None:
        if self._running and event in _STARTS:
            self._starters.add(self._running.partition("::")[0])
