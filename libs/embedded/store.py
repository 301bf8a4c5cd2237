"""The store interface of the supervisor: prepare a store, and launch it on a port."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from libs.embedded.choice import EmbeddedStores
from libs.embedded.job import Job

Say = Callable[[str], None]
StoreName = Literal["model", "valkey", "kafka", "postgres"]


@dataclass(frozen=True, slots=True)
class Launch:
    """One start of a store. `ports` are those it listens on; `gives` holds its addresses and credentials for clients,
    with the fields of all other stores empty.

    `is_ready` queries the store and is true only if this start responds: another server on the port has neither our
    password nor our cluster id.
    """

    job: Job
    is_ready: Callable[[], Awaitable[bool]]
    ports: tuple[int, ...]
    gives: EmbeddedStores


@dataclass(frozen=True, slots=True)
class Folders:
    """Data folder and log file of a store."""

    home: Path
    log: Path


@dataclass(frozen=True, slots=True)
class Owner:
    """The caller of a store: `report` reports a line of progress; the guards of its commands inherit `keep_open`."""

    report: Say
    keep_open: tuple[int, ...] = ()


class Store(Protocol):
    """One kind of store."""

    @property
    def name(self) -> StoreName: ...

    @property
    def ready_within_s(self) -> float:
        """Maximum seconds from start to readiness; a slower start fails."""
        ...

    async def prepare(self, owner: Owner) -> None:
        """Create the prerequisites of the first start. Idempotent. Raises EmbeddedStoreFailed."""
        ...

    def launch(self, port: int) -> Launch:
        """Describe one start on this port; starts nothing."""
        ...
