"""One Postgres for all integration tests of a process, one database with tables for each test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from libs.testing.databases import migrated_database
from libs.testing.stores import postgres


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server_url() -> AsyncIterator[str]:
    """Return the superuser's address of the server. All tests share its roles: nobody changes their passwords."""
    async with postgres() as url:
        yield url


@pytest_asyncio.fixture
async def owner_url(server_url: str) -> str:
    """Return the superuser's address of a new database."""
    return await migrated_database(server_url)
