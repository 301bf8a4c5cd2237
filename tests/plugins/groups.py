"""Which tests share a process with `--dist loadfile`: those of one file, and those that use the fleet of tests/e2e."""

from fnmatch import fnmatch

import pytest
from xdist.scheduler import LoadScopeScheduling

FLEET_FILES = "tests/e2e/test_kafka_*.py"  # one Kafka, Valkey, Postgres and seven services for a session


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives each group of tests to one process."""

    def remove_node(self, node: object) -> str | None:
        """Return the test that ended a process, and give the rest of its tests to others.

        xdist would run that test again, and would also give away groups without open tests: the process that gets
        one waits for ever.
        """
        groups = self.assigned_work.pop(node)
        open_tests = [(tests, name) for tests in groups.values() for name, done in tests.items() if not done]
        if not open_tests:
            return None
        tests, crashed = open_tests[0]
        tests[crashed] = True
        self.workqueue.update({group: tests for group, tests in groups.items() if not all(tests.values())})
        for other in self.assigned_work:
            self._reschedule(other)
        return str(crashed)

    def _reschedule(self, node: object) -> None:
        """Give a process more to do. One that has just replaced another gets nothing before it has collected."""
        if node in self.registered_collections:
            super()._reschedule(node)

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling | None:
    """Schedule by groups where files would be the groups."""
    return GroupScheduling(config, log) if config.getoption("dist") == "loadfile" else None


def group_of(nodeid: str) -> str:
    """Return the group of a test."""
    path = nodeid.partition("::")[0]
    return FLEET_FILES if fnmatch(path, FLEET_FILES) else path
