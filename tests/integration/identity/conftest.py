"""One Postgres for all tests of this folder, one empty database for each test."""

from collections.abc import AsyncIterator
from secrets import token_hex
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio

from libs.testing.stores import postgres


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


@pytest.fixture
def signing_key() -> str:
    return "a key of the tests' own fleet"
