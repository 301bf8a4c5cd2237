"""What an operator does."""

import pytest_asyncio

from tests.integration.identity.registry import Registry


@pytest_asyncio.fixture
async def registry(owner_url: str) -> Registry:
    """Return what an operator of the tenant `default` does, in the database of the test."""
    return Registry(owner_url)
