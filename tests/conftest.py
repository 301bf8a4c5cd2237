"""Settings of the whole suite."""

import gc
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase

# The same cases on every machine, and no verdict by the clock: a slow machine is not a broken rule.
settings.register_profile("fleet", derandomize=True, deadline=None)
# New cases in every run, after those that failed before: `make test-properties`.
settings.register_profile(
    "fresh",
    derandomize=False,
    deadline=None,
    print_blob=True,
    database=DirectoryBasedExampleDatabase(Path(__file__).parent / "regressions"),
)
settings.load_profile("fleet")

pytest_plugins = (
    "tests.plugins.authorities",
    "tests.plugins.collected",
    "tests.plugins.cpu",
    "tests.plugins.groups",
    "tests.plugins.memory",
    "tests.plugins.pooled",
    "tests.plugins.skips",
    "tests.plugins.time_limits",
    "tests.plugins.waits",
    "tests.plugins.whole",
)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Exclude imported objects from garbage collection: collecting them took half of the CPU of thousands of tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()  # what collecting left behind would stay for ever
        gc.freeze()
        gc.enable()
