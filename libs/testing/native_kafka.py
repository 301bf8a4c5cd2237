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
        """`host:port`, stable across restarts."""
        address = self._supervised.launch.gives.kafka
        assert address is not None
        return address

    @property
    def pid(self) -> int:
        return self._supervised.pid

    def kill(self) -> None:
        """Ends the broker as `kill -9` does. Acknowledged records survive a `restart`."""
        self._supervised.kill()

    async def restart(self) -> None:
        """Restart the broker on the same port and data, and kills a running one first. Waits until it answers."""
        await self._supervised.restart()


@asynccontextmanager
async def native_kafka(jar_cache: Path = SHARED_JARS) -> AsyncIterator[NativeKafka]:
    """Run a broker without authentication; downloads missing jars to `jar_cache`. Raises EmbeddedStoreFailed."""
    with throw_away_folders() as folders:
        async with running(Kafka(folders, jar_cache, authenticated=False)) as supervised:
            yield NativeKafka(supervised)
