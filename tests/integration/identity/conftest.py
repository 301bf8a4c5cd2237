"""One Postgres for all tests of this folder, one empty database for each test."""

from collections.abc import AsyncIterator
from secrets import token_hex
from urllib.parse import urlsplit

import asyncpg
import pytest_asyncio

from libs.adapters.journal_pool import migrated
from libs.testing.stores import postgres
from tests.integration.identity.registry import SIGNING_KEY, Registry


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def server_url() -> AsyncIterator[str]:
    async with postgres() as url:
        yield url


@pytest_asyncio.fixture
async def owner_url(server_url: str) -> str:
    """Return the superuser's address of a new database."""
    name = f"test_{token_hex(6)}"
    connection = await asyncpg.connect(server_url)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return urlsplit(server_url)._replace(path=f"/{name}").geturl()


@pytest_asyncio.fixture
async def registry(owner_url: str) -> Registry:
    """Return what an operator of the tenant `default` does, in a database that the journal has made."""
    await migrated(owner_url, SIGNING_KEY)
    return Registry(owner_url)
