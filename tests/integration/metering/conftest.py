"""One Valkey for all tests of this folder, and what keeps budgets."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from libs.adapters.quota.budgets.admin import PostgresBudgetAdmin
from libs.adapters.quota.budgets.lease_store import PostgresLeaseStore
from libs.adapters.quota.budgets.usage_store import PostgresUsageStore
from libs.testing.keys import SIGNING_KEY
from libs.testing.stores import valkey
from tests.support.quota.budget_backends import RULES


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def valkey_url() -> AsyncIterator[str]:
    async with valkey() as url:
        yield url


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for stores that a busy machine holds up: they are there."""
    monkeypatch.setattr("libs.adapters.quota.rates.valkey.TIMEOUT_S", 30.0)
    monkeypatch.setattr("libs.adapters.quota.budgets.lease_store.WAIT_S", 30.0)
    monkeypatch.setattr("libs.adapters.quota.budgets.usage_store.WAIT_S", 30.0)


@pytest.fixture
def signing_key() -> str:
    return SIGNING_KEY


@pytest_asyncio.fixture
async def lease_store(owner_url: str, signing_key: str) -> AsyncIterator[PostgresLeaseStore]:
    async with PostgresLeaseStore(owner_url, signing_key, RULES) as opened:
        yield opened


@pytest_asyncio.fixture
async def books(owner_url: str, signing_key: str) -> AsyncIterator[PostgresUsageStore]:
    async with PostgresUsageStore(owner_url, signing_key) as opened:
        yield opened


@pytest.fixture
def budget_admin(owner_url: str, signing_key: str) -> PostgresBudgetAdmin:
    return PostgresBudgetAdmin(owner_url, signing_key, "acme")
