"""Results within the limits on CPU time must also be found on a slow machine: these tests have ten times as much."""

import gc
from collections.abc import Iterator

import pytest

from services.mcp.tools.pure import deadline as calls
from services.mcp.tools.pure.algebra import deadline as searches

SLOWER = 10


@pytest.fixture(autouse=True)
def _a_slow_machine_has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "CALL_MS", calls.CALL_MS * SLOWER)
    monkeypatch.setattr(searches, "SEARCH_MS", searches.SEARCH_MS * SLOWER)


@pytest.fixture(autouse=True)
def _no_callback_of_the_garbage_collector() -> Iterator[None]:
    """As in a worker: an interruption that meets one, such as Hypothesis's, is lost, and pytest reports an error."""
    before = gc.callbacks[:]
    gc.callbacks.clear()
    yield
    gc.callbacks[:] = before
