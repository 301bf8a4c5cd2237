"""One Postgres for all tests of this folder, one empty database for each test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from libs.testing.stores import postgres
from tests.integration.identity.registry import Registry, new_database, new_registry


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def server_url() -> AsyncIterator[str]:
    async with postgres() as url:
        yield url


@pytest_asyncio.fixture
async def owner_url(server_url: str) -> str:
    """Return the superuser's address of a new database."""
    return await new_database(server_url)


@pytest_asyncio.fixture
async def registry(owner_url: str) -> Registry:
    """Return what an operator of the tenant `default` does, in a database that the journal has made."""
    return await new_registry(owner_url)
