from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from libs.testing.store_timeouts import wait_for_valkey
from tests.support.valkey_process import Store


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    wait_for_valkey(monkeypatch)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(tmp_path)
    try:
        await store.start()
        yield store
    finally:
        store.kill()
