"""Real temporary stores for tests: the embedded ones, started one by one.

Each is an async context manager that yields the address. Unlike the supervisor, they do not restart a dead store. They
may be opened in one event loop and closed in another, so a session-scoped fixture can own them.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from libs.embedded.postgres import Postgres
from libs.embedded.store import Folders, Launch, Owner, Store, StoreName
from libs.embedded.supervised import Supervised
from libs.embedded.tansu import Tansu
from libs.embedded.valkey import Valkey
from libs.testing.ports import own_port

READY_WITHIN_S = 180.0
_SHARED_MEMORY = Path("/dev/shm")
_MIN_FREE_BYTES = 4 << 30


@asynccontextmanager
async def tansu() -> AsyncIterator[str]:
    """Run an empty broker; yields its bootstrap address."""
    with throw_away_folders() as folders:
        async with running(Tansu(folders)) as broker:
            yield _configured_store(broker.launch.gives.kafka)


@asynccontextmanager
async def valkey() -> AsyncIterator[str]:
    """Run an empty Valkey; yields its URL."""
    with throw_away_folders() as folders:
        async with running(Valkey(folders)) as cache:
            yield _configured_store(cache.launch.gives.redis_url)


@asynccontextmanager
async def postgres() -> AsyncIterator[str]:
    """Run an empty Postgres without fsync, or in memory; yields the superuser URL."""
    with throw_away_folders(_memory()) as folders:
        async with running(Postgres(folders, durable=False)) as database:
            yield _configured_store(database.launch.gives.postgres_url)


@asynccontextmanager
async def running(store: Store) -> AsyncIterator[Supervised]:
    """Run one store, with a long start timeout: the machine may have other work.

    Its port is claimed: no store of another test process takes it while this one is down.
    """
    supervised = Supervised(_Patient(store), Owner(_silent), own_port)
    try:
        await supervised.start()
        yield supervised
    finally:
        await supervised.stop()


@contextmanager
def throw_away_folders(below: Path | None = None) -> Iterator[Folders]:
    """Yield temporary folders for one store below `below`; None for the default."""
    with tempfile.TemporaryDirectory(prefix="fleet-store-", dir=below, ignore_cleanup_errors=True) as name:
        home = Path(name, "store")
        home.mkdir(mode=0o700)
        yield Folders(home=home, log=Path(name, "store.log"))


@dataclass(frozen=True)
class _Patient:
    """A store whose start fails only on a hang."""

    store: Store
    ready_within_s: float = READY_WITHIN_S

    @property
    def name(self) -> StoreName:
        return self.store.name

    async def prepare(self, owner: Owner) -> None:
        await self.store.prepare(owner)

    def launch(self, port: int) -> Launch:
        return self.store.launch(port)


def _memory() -> Path | None:
    """A file system in memory with space for many databases. None without one; a database is a thousand files."""
    usable = _SHARED_MEMORY.is_dir() and os.access(_SHARED_MEMORY, os.W_OK)
    return _SHARED_MEMORY if usable and shutil.disk_usage(_SHARED_MEMORY).free >= _MIN_FREE_BYTES else None


def _silent(_line: str) -> None:
    """Discards progress: errors are raised."""


def _configured_store(address: str | None) -> str:
    if address is None:
        raise RuntimeError("a store that runs has an address")
    return address
