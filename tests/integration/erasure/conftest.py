"""One Postgres for all tests of this folder, one database with tables for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from libs.testing.bus_suite.listener import PATIENCE_S
from libs.testing.databases import migrated_database
from libs.testing.patience import wait_for_valkey
from libs.testing.stores import postgres
from tests.integration.gateway.town import Town


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for stores that a busy machine holds up."""
    wait_for_valkey(monkeypatch)
    for place in ("person_keys.WAIT_S", "postgres_erasures.WAIT_S"):
        monkeypatch.setattr(f"libs.adapters.{place}", PATIENCE_S)


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def server_url() -> AsyncIterator[str]:
    async with postgres() as url:
        yield url


@pytest_asyncio.fixture
async def owner_url(server_url: str) -> str:
    """Return the superuser's address of a new database."""
    return await migrated_database(server_url)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)
