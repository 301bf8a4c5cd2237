"""One Postgres for all tests of this folder, one database with tables for each test."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from libs.testing.databases import migrated_database
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
    return await migrated_database(templates_server)
