"""The most memory that the process of each test has held so far, as `peak_mb` in the JUnit report.

A process keeps the modules of all tests that it runs, and a machine runs several. `make gate` judges the largest.
"""

import resource
import sys
from collections.abc import Generator, Iterable, Iterator
from operator import itemgetter
from typing import Final

import pytest

LARGEST_MB: Final = 500.0
_UNIT: Final = 1 if sys.platform == "darwin" else 1024  # of `ru_maxrss`, in bytes


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    try:
        return (yield)
    finally:
        item.user_properties.append(("peak_mb", round(peak_mb(), 1)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if peaks := list(_peaks(terminalreporter)):
        terminalreporter.write_line(f"largest test process: {max(peaks):.0f} MB")


def peak_mb() -> float:
    """Largest resident set of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT / 1e6


def large_processes(peaks: Iterable[tuple[float, str]]) -> list[str]:
    """A line if a process became too large, with the first test above the limit; from (peak, test) in their order."""
    if not (above := [each for each in peaks if each[0] > LARGEST_MB]):
        return []
    largest, first = max(above)[0], min(above, key=itemgetter(0))[1]
    return [f"a test process held {largest:.0f} MB, {LARGEST_MB:.0f} are the most: {first} was the first above it"]


def _peaks(terminal: pytest.TerminalReporter) -> Iterator[float]:
    for report in (each for reports in terminal.stats.values() for each in reports):
        if isinstance(report, pytest.TestReport) and (peak := dict(report.user_properties).get("peak_mb")):
            yield float(str(peak))
