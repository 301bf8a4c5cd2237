"""Settings of the whole suite."""

import gc
from collections.abc import Generator

import pytest
from hypothesis import settings

# The same cases on every machine, and no verdict by the clock: a slow machine is not a broken rule.
settings.register_profile("fleet", derandomize=True, deadline=None)
settings.load_profile("fleet")

pytest_plugins = ("tests.plugins.time_limits", "tests.plugins.waits", "tests.plugins.skips")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Let the garbage collector look past what thousands of tests have imported: it was half of what they cost."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
