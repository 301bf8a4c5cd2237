"""One Postgres for all tests of this folder, one empty database for each test."""

from collections.abc import AsyncIterator, Iterator
from secrets import token_hex
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio

from libs.adapters.journal_pool import migrated
from libs.testing.keys import SIGNING_KEY
from libs.testing.patience import wait_for_valkey
from libs.testing.stores import postgres


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        wait_for_valkey(patch)
        yield


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def templates_server() -> AsyncIterator[str]:
    async with postgres() as url:
        yield url


@pytest_asyncio.fixture
async def database(templates_server: str) -> str:
    """Return a database of the test's own."""
    return await new_database(templates_server)


async def new_database(templates_server: str) -> str:
    """Return the owner's address of a database that the journal has made."""
    name = f"test_{token_hex(6)}"
    connection = await asyncpg.connect(templates_server)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    url = urlsplit(templates_server)._replace(path=f"/{name}").geturl()
    await migrated(url, SIGNING_KEY)
    return url
