from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.deltas.store import Store


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a store that a busy machine holds up: what is written is to arrive here, not to be dropped in time."""
    monkeypatch.setattr("libs.adapters.valkey_deltas.writer.PATIENCE_S", 30.0)
    monkeypatch.setattr("libs.adapters.valkey_deltas.reader.CONNECT_TIMEOUT_S", 30.0)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(tmp_path)
    try:
        await store.start()
        yield store
    finally:
        store.kill()
