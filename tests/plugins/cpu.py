"""The CPU seconds of each test, its fixtures and ended children included, as `cpu_s` in the JUnit report.

A fixture of a session counts for the test that ends it.
"""

import os
from collections.abc import Generator

import pytest

_SPENT = pytest.StashKey[float]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    item.stash[_SPENT] = cpu_s()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    try:
        return (yield)
    finally:
        item.user_properties.append(("cpu_s", round(cpu_s() - item.stash[_SPENT], 3)))


def cpu_s() -> float:
    """CPU seconds of this process and of its children that ended."""
    return sum(os.times()[:4])
