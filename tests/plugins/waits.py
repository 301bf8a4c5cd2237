"""How long each test waited: on a quiet machine a long wait is a failure, because it may hide a broken rule.

The figure goes into the JUnit report as `waited_s`, which `make gate` judges, and when it is long, into the summary.
"""

from collections.abc import Generator, Iterator
from fnmatch import fnmatch

import pytest

from libs.testing.waiting import WAITS
from tests.plugins.long_waits import LONG_WAITS, LongWait

LONGEST_WAIT_S = 5.0


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Count the waits of the test alone, not those of its fixtures."""
    WAITS.restart()
    try:
        return (yield)
    finally:
        item.user_properties.append(("waited_s", round(WAITS.restart(), 3)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if lines := sorted(_long_waits(terminalreporter), reverse=True):
        terminalreporter.section("waits of more than 5 s")
        for waited, name in lines:
            terminalreporter.write_line(f"{waited:8.1f} s  {name}{'' if limit_s(name) >= waited else '  NOT LISTED'}")


def limit_s(nodeid: str, listed: tuple[LongWait, ...] = LONG_WAITS) -> float:
    return max([LONGEST_WAIT_S, *(each.limit_s for each in listed if fnmatch(nodeid, each.tests))])


def waited_s(report: pytest.TestReport) -> float:
    """Seconds that a test waited, wherever it ran."""
    return float(str(dict(report.user_properties).get("waited_s", 0.0)))


def _long_waits(terminal: pytest.TerminalReporter) -> Iterator[tuple[float, str]]:
    for reports in terminal.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport) and report.when == "call" and waited_s(report) > LONGEST_WAIT_S:
                yield waited_s(report), report.nodeid
