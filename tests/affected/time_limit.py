"""A pytest plugin: `--stop-after SECONDS` starts no further test then. Tests that were not run are no failure."""

import time

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--stop-after", type=float, default=0.0, help="Seconds after which no further test starts.")


def pytest_configure(config: pytest.Config) -> None:
    limit_s: float = config.getoption("--stop-after")
    if limit_s and not hasattr(config, "workerinput"):  # the controller stops the workers of xdist
        config.pluginmanager.register(TimeLimit(limit_s))


class TimeLimit:
    """Stops the session after `limit_s` seconds."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._started = time.monotonic()
        self._session: pytest.Session | None = None
        self._stopped = False

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._session = session

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        late = time.monotonic() - self._started > self._limit_s
        if report.when == "teardown" and late and self._session is not None and not self._stopped:
            self._stopped = True
            distributed = self._session.config.pluginmanager.get_plugin("dsession")  # of xdist: has a flag of its own
            (distributed or self._session).shouldstop = f"stopped after {self._limit_s:.0f} s"

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._stopped and not session.testsfailed:
            session.exitstatus = pytest.ExitCode.OK

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._stopped:
            terminalreporter.write_line(
                f"the time limit of {self._limit_s:.0f} s ended the run; `make test` runs the rest"
            )
