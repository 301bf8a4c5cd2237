"""Helpers of several tests of real stores."""

import asyncio
from dataclasses import dataclass, field

import asyncpg
import psutil

from libs.embedded.choice import EmbeddedStores
from libs.embedded.store import StoreName
from libs.testing.waiting import waiting

_POLL_S = 0.02


@dataclass
class Heard:
    """A listener for the messages of a supervisor."""

    lines: list[str] = field(default_factory=list)
    restarts: asyncio.Queue[tuple[StoreName, EmbeddedStores]] = field(default_factory=asyncio.Queue)

    def say(self, line: str) -> None:
        self.lines.append(line)

    def restarted(self, name: StoreName, stores: EmbeddedStores) -> None:
        self.restarts.put_nowait((name, stores))

    async def restart(self, within_s: float = 30.0) -> tuple[StoreName, EmbeddedStores]:
        """Wait for the next restart."""
        async with waiting(within_s):
            return await self.restarts.get()


_PRESENT: set[psutil.Process] = set()


def ignore_present_children() -> None:
    """Exclude stores of other tests of the session from `children`."""
    _PRESENT.clear()
    _PRESENT.update(psutil.Process().children(recursive=True))


def children(pid: int | None = None) -> list[psutil.Process]:
    """All descendants of a process, of this one by default, but for those that a test began with."""
    return [child for child in psutil.Process(pid).children(recursive=True) if not _is_of_others(child)]


def _is_of_others(child: psutil.Process) -> bool:
    """Whether a process was there before the test, or is a child of such: a Postgres starts some as it likes."""
    try:
        return not _PRESENT.isdisjoint((child, *child.parents()))
    except psutil.NoSuchProcess:
        return True


def is_gone(process: psutil.Process) -> bool:
    """Whether a process ended; one that only waits for its parent to notice counts."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def remember(url: str | None, word: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE remembered (word text)")
    await connection.execute("INSERT INTO remembered VALUES ($1)", word)
    await connection.close()


async def remembered(url: str | None) -> list[str]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("SELECT word FROM remembered")
    await connection.close()
    return [row["word"] for row in rows]
