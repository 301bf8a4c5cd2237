"""One Postgres for all integration tests of a process, one database with tables for each test."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from libs.testing.databases import drop_database, migrated_database
from libs.testing.stores import postgres
from tests.plugins.pooled import pooled_if_asked


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server_url(pytestconfig: pytest.Config) -> AsyncIterator[str]:
    """Superuser's address of the server. All tests share its roles, so no test changes their passwords."""
    async with postgres() as url, pooled_if_asked(pytestconfig, url):
        yield url


@pytest_asyncio.fixture
async def owner_url(server_url: str) -> AsyncIterator[str]:
    """Yield the superuser's address of a new database."""
    url = await migrated_database(server_url)
    yield url
    await drop_database(url)
