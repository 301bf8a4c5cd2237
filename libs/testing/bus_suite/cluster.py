"""Clusters for the bus suite: each creates processes and declares the guarantees of its broker."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.bus import Bus
from libs.runtime.settings import BusSettings


class Cluster(Protocol):
    """A broker, as tests see it.

    `durable`: acknowledged records survive a crash. `regroups`: an empty group can be joined again at once.
    `remembers`: records done behind an unfinished one are not redelivered, as the metadata of a committed offset is
    stored.
    """

    @property
    def durable(self) -> bool: ...

    @property
    def regroups(self) -> bool: ...

    @property
    def remembers(self) -> bool: ...

    def process(self) -> Bus: ...

    async def take_broker_away(self) -> None: ...

    async def bring_broker_back(self) -> None: ...


class MemoryCluster:
    """In-memory bus."""

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
    """A broker that speaks Kafka's protocol. `kill` ends it at once, `restart` starts it again on the same port.

    With static members in `settings`, each process is a static member of its groups.
    """

    settings: BusSettings
    kill: Callable[[], None]
    restart: Callable[[], Awaitable[None]]
    durable: bool = True
    regroups: bool = True
    remembers: bool = True

    def process(self) -> Bus:
        return KafkaBus(self.settings, _OneName(secrets.token_hex(4)) if self.settings.static_members else None)

    async def take_broker_away(self) -> None:
        self.kill()
        await _refuses(self.settings.bootstrap)

    async def bring_broker_back(self) -> None:
        await self.restart()


class _OneName(Mapping[str, str]):
    """One instance name for every service: tests use temporary service names."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getitem__(self, service: str) -> str:
        return self._name

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 1


async def _refuses(bootstrap: str) -> None:
    """Wait until nothing listens at an address."""
    host, _, port = bootstrap.rpartition(":")
    while True:
        try:
            _, writer = await asyncio.open_connection(host, int(port))
        except OSError:
            return
        writer.close()
        await asyncio.sleep(0.01)
