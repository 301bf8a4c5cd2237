"""Which tests share a process with `--dist loadfile`: those of one file, and those that use the fleet of tests/e2e."""

from fnmatch import fnmatch

import pytest
from xdist.scheduler import LoadScopeScheduling

FLEET_FILES = "tests/e2e/test_kafka_*.py"  # one Kafka, Valkey, Postgres and seven services for a session


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives each group of tests to one process."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling | None:
    """Schedule by groups where files would be the groups."""
    return GroupScheduling(config, log) if config.getoption("dist") == "loadfile" else None


def group_of(nodeid: str) -> str:
    """Return the group of a test."""
    path = nodeid.partition("::")[0]
    return FLEET_FILES if fnmatch(path, FLEET_FILES) else path
