"""The oracles' tests share one account of what they asked."""

from collections.abc import Iterator

import pytest

from tests.unit.mcp.exactness import Exactness, lines

PROPERTY = "exactness"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="ask every case, and tell how many each tool got right")


@pytest.fixture
def exact(request: pytest.FixtureRequest) -> Iterator[Exactness]:
    """Count what is asked; more refusals than are allowed fail the test."""
    account = Exactness(whole=request.config.getoption("--whole", default=False))
    yield account
    request.node.user_properties.append((PROPERTY, account.told()))
    assert not account.too_often_refused(), account.told()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not config.getoption("--whole", default=False):
        return
    reports = [report for report in terminalreporter.getreports("") if report.when == "teardown"]
    told = [row for report in reports for name, rows in report.user_properties if name == PROPERTY for row in rows]
    for line in lines(told):
        terminalreporter.write_line(line)
