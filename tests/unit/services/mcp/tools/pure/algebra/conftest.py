"""Results within the limits on CPU time must also be found on a slow machine: these tests have ten times as much."""

import pytest

from services.mcp.tools.pure import deadline as calls
from services.mcp.tools.pure.algebra import deadline as searches

SLOWER = 10


@pytest.fixture(autouse=True)
def _a_slow_machine_has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "CALL_MS", calls.CALL_MS * SLOWER)
    monkeypatch.setattr(searches, "SEARCH_MS", searches.SEARCH_MS * SLOWER)
