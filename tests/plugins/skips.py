"""A test that is skipped proves nothing: the run fails unless the skip is listed with its reason.

Without it whole files vanish from a green run: the sandbox where user namespaces are closed, the tools' oracles where
scipy or pint is missing.
"""

from collections.abc import Iterator
from fnmatch import fnmatch

import pytest

from tests.plugins.allowed_skips import ALLOWED_SKIPS, AllowedSkip

PASSES = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)  # a file may skip as a whole


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if lines := list(_unlisted(terminalreporter)):
        terminalreporter.section("skips that are not listed in tests/plugins/allowed_skips.py", red=True, bold=True)
        for line in lines:
            terminalreporter.write_line(line)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run on the controller, or in a run of one process; the workers' reports arrive there."""
    terminal = session.config.pluginmanager.getplugin("terminalreporter")
    if terminal is not None and session.exitstatus in PASSES and any(_unlisted(terminal)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def is_allowed(nodeid: str, reason: str, listed: tuple[AllowedSkip, ...] = ALLOWED_SKIPS) -> bool:
    return any(fnmatch(nodeid, each.tests) and fnmatch(reason, each.says) for each in listed)


def _unlisted(terminal: pytest.TerminalReporter) -> Iterator[str]:
    for report in terminal.stats.get("skipped", []):
        if not is_allowed(report.nodeid, (reason := _reason(report))):
            yield f"{report.nodeid}: {reason}"


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Reason of a skip, without pytest's prefix."""
    said = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return said.removeprefix("Skipped: ")
