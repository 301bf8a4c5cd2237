"""One Postgres for all tests of this folder: some change the passwords of its roles."""

from collections.abc import AsyncIterator, Iterator
from functools import partial

import pytest
import pytest_asyncio

from libs.adapters.journal.writer import JournalLimits
from libs.adapters.write_ahead.postgres import WriteAheadLimits
from libs.core.key_roots import RootKeys
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.testing.bus_suite.listener import WAIT_TIMEOUT_S
from libs.testing.keys import SIGNING_KEY
from libs.testing.store_timeouts import wait_for_valkey
from libs.testing.stores import postgres
from tests.plugins.pooled import pooled_if_asked
from tests.support.tool_workers import shared_templates


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer store timeouts for a busy machine, unless a test sets its own."""
    for limits in (WriteAheadLimits, JournalLimits):
        monkeypatch.setattr(f"{limits.__module__}.{limits.__name__}", partial(limits, wait_s=WAIT_TIMEOUT_S))
    wait_for_valkey(monkeypatch)
    for place in ("libs.adapters.quota.budgets.lease_store.WAIT_S", "libs.adapters.journal.data_subject_keys.WAIT_S"):
        monkeypatch.setattr(place, WAIT_TIMEOUT_S)


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def server_url(pytestconfig: pytest.Config) -> AsyncIterator[str]:
    async with postgres() as url, pooled_if_asked(pytestconfig, url):
        yield url


@pytest.fixture
def signing_key() -> str:
    return SIGNING_KEY


@pytest.fixture
def secrets(signing_key: str) -> JournalSecrets:
    return JournalSecrets(signing_key, RootKeys(signing_key))


@pytest.fixture(scope="module", autouse=True)
def forked_of_shared_templates() -> Iterator[None]:
    """Start the template processes of the tools once."""
    with shared_templates():
        yield
