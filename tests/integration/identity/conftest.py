"""One Postgres for all tests of this folder, one database for each test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from libs.testing.databases import migrated_database
from libs.testing.stores import postgres
from tests.integration.identity.registry import Registry


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def server_url() -> AsyncIterator[str]:
    async with postgres() as url:
        yield url


@pytest_asyncio.fixture
async def owner_url(server_url: str) -> str:
    """Return the superuser's address of a new database that the journal has made."""
    return await migrated_database(server_url)


@pytest_asyncio.fixture
async def registry(owner_url: str) -> Registry:
    """Return what an operator of the tenant `default` does, in the database of the test."""
    return Registry(owner_url)
