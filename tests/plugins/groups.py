"""Groups of tests that share a process with `--dist loadfile`, and the order of groups.

A group has the tests of one file; those that use the fleet of tests/e2e are one group, and where each test starts all
that it needs, and waits for most of its time, each is a group. Groups of folders that start processes take longest and
begin first: a long one that began last would leave the other processes idle. Those of one folder follow each other, as
they share stores.

`--beside`: the last process gets only tests that wait for nearly all of their time. With one process for each core
besides, the cores are busy, and those who start fleets still have one each.
"""

from contextlib import suppress
from fnmatch import fnmatch

import pytest
from xdist.scheduler import LoadScopeScheduling

LONGEST_FIRST = ("tests/chaos/", "tests/e2e/", "tests/flow/", "tests/integration/")
FLEET_FILES = "tests/e2e/test_kafka_*.py"  # one Kafka, Valkey, Postgres and seven services for a session
APART = ("tests/e2e/test_up_restart.py", "tests/integration/bus/test_tansu_bus.py")  # nothing is shared by their tests

# Three and twenty-seven of a hundred seconds are CPU time.
WAITING = ("tests/integration/bus/test_tansu_bus.py", "tests/integration/postgres/test_failover.py")


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Assigns each group of tests to one process."""

    def remove_node(self, node: object) -> str | None:
        """Test that ended a process, and give the rest of its tests to others.

        xdist would run that test again, and would also give away groups without open tests: the process that gets one
        waits for ever.
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

    def _assign_work_unit(self, node: object) -> None:
        """Assign the group with the longest expected time to a process.

        Among equals xdist starts groups of many tests.
        """
        if groups := self._groups_for(node):
            self.workqueue.move_to_end(min(groups, key=turn_of), last=False)
            with suppress(OSError):  # the process has ended; `remove_node` gives the group to another
                super()._assign_work_unit(node)
        else:
            node.shutdown()  # type: ignore[attr-defined]  # xdist has no types

    def _groups_for(self, node: object) -> list[str]:
        """Groups that a process may get next; the rest waits for the neighbouring process until no other is left."""
        waiting = [group for group in self.workqueue if group.startswith(WAITING)]
        if self.config.getoption("beside") and node.gateway.id == f"gw{self.config.getoption('numprocesses') - 1}":  # type: ignore[attr-defined]
            return waiting
        return [group for group in self.workqueue if group not in waiting] or waiting

    def _reschedule(self, node: object) -> None:
        """Assign more groups to a process. A replacement process gets none before it has collected."""
        if node in self.registered_collections:
            super()._reschedule(node)

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--beside", action="store_true", help="let the last of the processes run only tests that wait")


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling | None:
    """Schedule by groups where files would be the groups."""
    return GroupScheduling(config, log) if config.getoption("dist") == "loadfile" else None


def group_of(nodeid: str) -> str:
    path = nodeid.partition("::")[0]
    if path in APART:
        return nodeid
    return FLEET_FILES if fnmatch(path, FLEET_FILES) else path


def turn_of(group: str) -> tuple[int, str]:
    rank = next((rank for rank, folder in enumerate(LONGEST_FIRST) if group.startswith(folder)), len(LONGEST_FIRST))
    return rank, group.rpartition("/")[0] if rank < len(LONGEST_FIRST) else ""
