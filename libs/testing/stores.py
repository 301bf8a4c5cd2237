"""Real stores for tests, thrown away afterwards: the embedded ones, started one by one.

Each is an async context manager that yields the address. They do not restart what dies, unlike the supervisor. They may
be opened in one event loop and closed in another, so a session-scoped fixture can hold them.
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

READY_WITHIN_S = 180.0
_SHARED_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 4 << 30


@asynccontextmanager
async def tansu() -> AsyncIterator[str]:
    """Run an empty broker; yield its bootstrap address."""
    with throw_away_folders() as folders:
        async with running(Tansu(folders)) as broker:
            yield _configured_store(broker.launch.gives.kafka)


@asynccontextmanager
async def valkey() -> AsyncIterator[str]:
    """Run an empty Valkey; yield its URL."""
    with throw_away_folders() as folders:
        async with running(Valkey(folders)) as cache:
            yield _configured_store(cache.launch.gives.redis_url)


@asynccontextmanager
async def postgres() -> AsyncIterator[str]:
    """Run an empty Postgres that does not wait for the disk, or needs none; yield the URL of its superuser."""
    with throw_away_folders(_memory()) as folders:
        async with running(Postgres(folders, durable=False)) as database:
            yield _configured_store(database.launch.gives.postgres_url)


@asynccontextmanager
async def running(store: Store) -> AsyncIterator[Supervised]:
    """Run one store. It may take its time to start: the machine may have other work."""
    supervised = Supervised(_Patient(store), Owner(_silent))
    try:
        await supervised.start()
        yield supervised
    finally:
        await supervised.stop()


@contextmanager
def throw_away_folders(below: Path | None = None) -> Iterator[Folders]:
    """Yield folders for one store that are removed at the end; `below` is where, None for the usual place."""
    with tempfile.TemporaryDirectory(prefix="fleet-store-", dir=below, ignore_cleanup_errors=True) as name:
        home = Path(name, "store")
        home.mkdir(mode=0o700)
        yield Folders(home=home, log=Path(name, "store.log"))


@dataclass(frozen=True)
class _Patient:
    """A store whose start is given up only when it hangs."""

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
    """Return a file system in memory with room for many databases, or None: each one is a thousand files."""
    usable = _SHARED_MEMORY.is_dir() and os.access(_SHARED_MEMORY, os.W_OK)
    return _SHARED_MEMORY if usable and shutil.disk_usage(_SHARED_MEMORY).free >= _ROOM_BYTES else None


def _silent(_line: str) -> None:
    """Errors are raised, and nobody reads progress in a test."""


def _configured_store(address: str | None) -> str:
    if address is None:
        raise RuntimeError("a store that runs has an address")
    return address
