"""The whole fleet in one process on the memory bus, with a real Valkey, real HTTP and a scripted model server."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from libs.testing.stores import valkey


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def valkey_url() -> AsyncIterator[str]:
    """One Valkey for all flows."""
    async with valkey() as url:
        yield url


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a Valkey that a busy machine holds up: without it an answer comes in one piece, and nothing is known."""
    monkeypatch.setattr("libs.adapters.valkey_deltas.writer.PATIENCE_S", 30.0)
    monkeypatch.setattr("libs.adapters.valkey_deltas.reader.CONNECT_TIMEOUT_S", 30.0)
    monkeypatch.setattr("libs.adapters.valkey_notes.TIMEOUT_S", 30.0)
