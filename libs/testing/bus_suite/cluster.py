"""Clusters for the bus suite: each makes processes, and says which promises its broker can keep."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from libs.runtime.bus import Bus
from libs.runtime.kafka import KafkaBus
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.settings import BusSettings


class Cluster(Protocol):
    """A broker, seen from a test.

    `durable`: what it acknowledged survives its own end. `regroups`: a group that everybody left can be joined again
    at once. `remembers`: what is finished behind something unfinished does not come again, as the text beside a
    committed offset is kept.
    """

    @property
    def durable(self) -> bool: ...

    @property
    def regroups(self) -> bool: ...

    @property
    def remembers(self) -> bool: ...

    def process(self) -> Bus:
        """Return the bus of a new process."""
        ...

    async def take_broker_away(self) -> None: ...

    async def bring_broker_back(self) -> None: ...


class MemoryCluster:
    """The bus in memory."""

    durable = True
    regroups = True
    remembers = True

    def __init__(self) -> None:
        self._broker = MemoryBroker(partitions=4)

    def process(self) -> Bus:
        return MemoryBus(self._broker)

    async def take_broker_away(self) -> None:
        self._broker.available = False

    async def bring_broker_back(self) -> None:
        self._broker.available = True


@dataclass(frozen=True)
class KafkaCluster:
    """A broker that speaks Kafka's protocol. `kill` ends it at once, `restart` starts it again on the same port."""

    settings: BusSettings
    kill: Callable[[], None]
    restart: Callable[[], Awaitable[None]]
    durable: bool = True
    regroups: bool = True
    remembers: bool = True

    def process(self) -> Bus:
        return KafkaBus(self.settings)

    async def take_broker_away(self) -> None:
        self.kill()
        await _refuses(self.settings.bootstrap)

    async def bring_broker_back(self) -> None:
        await self.restart()


async def _refuses(bootstrap: str) -> None:
    """Return when nobody listens at an address any more."""
    host, _, port = bootstrap.rpartition(":")
    while True:
        try:
            _, writer = await asyncio.open_connection(host, int(port))
        except OSError:
            return
        writer.close()
        await asyncio.sleep(0.01)
