"""Real stores for tests, thrown away afterwards: the embedded ones, started one by one.

Each is an async context manager that yields the address. They do not restart what dies, unlike the supervisor. They may
be opened in one event loop and closed in another, so a session-scoped fixture can hold them.
"""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from libs.embedded.postgres import Postgres
from libs.embedded.store import Folders, Owner, Store
from libs.embedded.supervised import Supervised
from libs.embedded.tansu import Tansu
from libs.embedded.valkey import Valkey


@asynccontextmanager
async def tansu() -> AsyncIterator[str]:
    """Run an empty broker; yield its bootstrap address."""
    with throw_away_folders() as folders:
        async with running(Tansu(folders)) as broker:
            yield _given(broker.launch.gives.kafka)


@asynccontextmanager
async def valkey() -> AsyncIterator[str]:
    """Run an empty Valkey; yield its URL."""
    with throw_away_folders() as folders:
        async with running(Valkey(folders)) as cache:
            yield _given(cache.launch.gives.redis_url)


@asynccontextmanager
async def postgres() -> AsyncIterator[str]:
    """Run an empty Postgres that does not wait for the disk; yield the URL of its superuser."""
    with throw_away_folders() as folders:
        async with running(Postgres(folders, durable=False)) as database:
            yield _given(database.launch.gives.postgres_url)


@asynccontextmanager
async def running(store: Store) -> AsyncIterator[Supervised]:
    """Run one store."""
    supervised = Supervised(store, Owner(_silent))
    try:
        await supervised.start()
        yield supervised
    finally:
        await supervised.stop()


@contextmanager
def throw_away_folders() -> Iterator[Folders]:
    """Yield folders for one store that are removed at the end."""
    with tempfile.TemporaryDirectory(prefix="fleet-store-", ignore_cleanup_errors=True) as name:
        home = Path(name, "store")
        home.mkdir(mode=0o700)
        yield Folders(home=home, log=Path(name, "store.log"))


def _silent(_line: str) -> None:
    """Errors are raised, and nobody reads progress in a test."""


def _given(address: str | None) -> str:
    if address is None:
        raise RuntimeError("a store that runs has an address")
    return address
