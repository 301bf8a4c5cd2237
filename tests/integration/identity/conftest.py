"""Actions of an operator."""

from collections.abc import Iterator

import pytest
import pytest_asyncio

from tests.support.identity.registry import Registry
from tests.support.tool_workers import shared_templates


@pytest_asyncio.fixture
async def registry(owner_url: str) -> Registry:
    """Directory writer of the tenant `default`, in the database of the test."""
    return Registry(owner_url)


@pytest.fixture(scope="module", autouse=True)
def forked_of_shared_templates() -> Iterator[None]:
    """Start the template processes of the tools once."""
    with shared_templates():
        yield
