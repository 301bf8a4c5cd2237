"""The whole fleet in one process on the memory bus, with a real Valkey, real HTTP and a scripted model server."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from libs.testing.store_timeouts import wait_for_valkey
from libs.testing.stores import valkey
from tests.support.tool_workers import shared_templates


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def valkey_url() -> AsyncIterator[str]:
    """One Valkey for all flows."""
    async with valkey() as url:
        yield url


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    wait_for_valkey(monkeypatch)


@pytest.fixture(scope="module", autouse=True)
def forked_of_shared_templates() -> Iterator[None]:
    """Start the template processes of the tools once."""
    with shared_templates():
        yield
