"""What the supervisor knows about a store: its name, how to prepare it, and how to launch it on a port."""

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
    """One start of a store. `is_ready` asks the store itself and is true only if this very start answers: a stranger
    on the same port does not know our password, or the name of our cluster. `ports` are those it listens on,
    `gives` is what its clients need, with the fields of all other stores empty."""

    job: Job
    is_ready: Callable[[], Awaitable[bool]]
    ports: tuple[int, ...]
    gives: EmbeddedStores


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a store keeps its files and its log."""

    home: Path
    log: Path


@dataclass(frozen=True, slots=True)
class Owner:
    """Who a store works for: `say` takes a line of progress, the guards of its commands hold `keep_open`."""

    say: Say
    keep_open: tuple[int, ...] = ()


class Store(Protocol):
    """One kind of store."""

    @property
    def name(self) -> StoreName: ...

    @property
    def ready_within_s(self) -> float:
        """Return the seconds a start may take before it counts as failed."""
        ...

    async def prepare(self, owner: Owner) -> None:
        """Make what must be there before the first start. Repeatable. Raises EmbeddedStoreFailed."""
        ...

    def launch(self, port: int) -> Launch:
        """Describe one start on this port."""
        ...
