"""A real Apache Kafka for tests: the embedded one, on a free port, with a data directory of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import libs
from libs.embedded.kafka.store import Kafka
from libs.embedded.supervised import Supervised
from libs.testing.stores import running, throw_away_folders

SHARED_JARS = Path(libs.__file__).parent.parent / "var" / "kafka-libs"


class NativeKafka:
    """A running broker that a test may crash."""

    def __init__(self, supervised: Supervised) -> None:
        self._supervised = supervised

    @property
    def bootstrap(self) -> str:
        """Return `host:port`, which stays the same across restarts."""
        address = self._supervised.launch.gives.kafka
        assert address is not None
        return address

    @property
    def pid(self) -> int:
        """Return the process id of the broker."""
        return self._supervised.pid

    def kill(self) -> None:
        """End the broker as `kill -9` does. What it acknowledged is still there after `restart`."""
        self._supervised.kill()

    async def restart(self) -> None:
        """Start the broker again on the same port and data, ending it first if it runs; return when it answers."""
        await self._supervised.restart()


@asynccontextmanager
async def native_kafka(jar_cache: Path = SHARED_JARS) -> AsyncIterator[NativeKafka]:
    """Run a broker without authentication; fetch its jars into `jar_cache` if need be. Raises EmbeddedStoreFailed."""
    with throw_away_folders() as folders:
        async with running(Kafka(folders, jar_cache, authenticated=False)) as supervised:
            yield NativeKafka(supervised)
