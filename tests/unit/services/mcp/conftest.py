"""The oracles' tests share one count of their cases."""

from collections.abc import Iterator

import pytest

from tests.plugins.whole import OPTION
from tests.support.mcp.exactness import Exactness, lines

PROPERTY = "exactness"


@pytest.fixture
def exact(request: pytest.FixtureRequest, *, whole: bool) -> Iterator[Exactness]:
    """Count the cases; more rejections than allowed fail the test."""
    account = Exactness(whole=whole)
    yield account
    request.node.user_properties.append((PROPERTY, account.told()))
    assert not account.too_often_refused(), account.told()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not config.getoption(OPTION):
        return
    reports = [report for report in terminalreporter.getreports("") if report.when == "teardown"]
    told = [row for report in reports for name, rows in report.user_properties if name == PROPERTY for row in rows]
    for line in lines(told):
        terminalreporter.write_line(line)
