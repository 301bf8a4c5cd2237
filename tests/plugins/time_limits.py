"""How long one test may take: one that hangs ends its process, and prints the stacks of all threads."""

from collections.abc import Sequence

import pytest

FAST_S = 180.0
SLOW_S = 600.0  # real Kafka, processes, minutes of work
LONG_S = 3600.0  # ten thousand calls; benchmarks; a fleet on three brokers
LIMITS = {"siege": LONG_S, "lengthy": LONG_S, "brokers": LONG_S, "slow": SLOW_S, "kafka": SLOW_S}
BENCHMARKS = ("tests/bench/", "tests/peers/")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Set a time limit for every test; a test's own limit stays."""
    for item in items:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(limit_s(item)))


def limit_s(item: pytest.Item) -> float:
    """Limit of a test, by its markers; the longest wins."""
    own = [limit for marker, limit in LIMITS.items() if item.get_closest_marker(marker)]
    return max([LONG_S if item.nodeid.startswith(BENCHMARKS) else FAST_S, *own])
