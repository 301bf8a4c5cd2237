from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.deltas.store import Store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    started = Store(tmp_path)
    await started.start()
    yield started
    started.kill()
