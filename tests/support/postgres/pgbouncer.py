"""PgBouncer before a Postgres, pooling by transaction: no client has a separate session."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import asyncpg

from libs.embedded.guarded import Guarded
from libs.embedded.job import Job
from libs.embedded.ports import LOOPBACK, free_port
from libs.embedded.unprivileged import change_owner, identity_for
from libs.testing.waiting import eventually

# Two sessions for each role, used alternately: code that relies on one session fails in the next statement.
_CONFIGURATION = """
[databases]
* = host={server.hostname} port={server.port} auth_user={server.username}
[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = {pool_mode}
default_pool_size = 2
min_pool_size = 2
server_idle_timeout = 1
autodb_idle_timeout = 1
server_round_robin = 1
server_login_retry = 1
max_client_conn = 400
logfile = {log}
"""


@asynccontextmanager
async def pgbouncer(url: str, pool_mode: str = "transaction") -> AsyncIterator[str]:
    """Yield the superuser's address through the pooler, as an operator writes it."""
    program = shutil.which("pgbouncer")
    assert program is not None, "the package pgbouncer is not installed: `make test-pgbouncer` does it"
    with TemporaryDirectory(prefix="fleet-pgbouncer-") as name:
        folder, port = Path(name), free_port()
        identity = identity_for(folder / "none", Path(program))  # like Postgres, it refuses to run as root
        configuration = _configuration(folder, url, port, pool_mode)
        for path in (folder, configuration, folder / "users.txt"):
            change_owner(path, identity)
        argv = (program, str(configuration))
        running = await Guarded.start(Job(argv, folder / "output.log", folder, {}, identity=identity))
        try:
            pooled = _through(url, port, pool_mode)
            await eventually(lambda: _answers(url, port))
            yield pooled
        finally:
            await running.stop()


def _configuration(folder: Path, url: str, port: int, pool_mode: str) -> Path:
    server, users, path = urlsplit(url), folder / "users.txt", folder / "pgbouncer.ini"
    users.write_text(f'"{server.username}" "{server.password}"\n')
    log = folder / "pgbouncer.log"
    fields = {"server": server, "host": LOOPBACK, "port": port, "users": users, "pool_mode": pool_mode, "log": log}
    path.write_text(_CONFIGURATION.format(**fields))
    return path


def _through(url: str, port: int, pool_mode: str) -> str:
    server = urlsplit(url)
    place = f"{server.username}:{server.password}@{LOOPBACK}:{port}"
    return server._replace(netloc=place, query=f"pool_mode={pool_mode}").geturl()


async def _answers(url: str, port: int) -> bool:
    try:
        connection = await asyncpg.connect(url, host=LOOPBACK, port=port, statement_cache_size=0)
    except OSError:
        return False
    await connection.close()
    return True
