"""Everything that uses Postgres through PgBouncer in transaction mode."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from libs.adapters.journal.pool import migrated
from libs.adapters.journal.writer import JournalLimits, PostgresJournal
from libs.adapters.postgres.connection import connect, connect_with
from libs.adapters.postgres.role_passwords import set_role_passwords
from libs.adapters.postgres.sessions import Connection, translated
from libs.core.database_roles import READER_ROLE, derived_password
from libs.core.errors import ConfigurationError
from libs.core.key_roots import RootKeys
from libs.embedded.postgres import Postgres
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.testing.bus_suite.listener import WAIT_TIMEOUT_S
from libs.testing.keys import SIGNING_KEY
from libs.testing.stores import postgres, running, throw_away_folders
from libs.testing.waiting import eventually
from tests.integration.journal.test_sealer import entry
from tests.support.postgres.loaded_fleet import asked_fleet
from tests.support.postgres.pgbouncer import pgbouncer
from tests.support.postgres.primary_and_standby import Server

_END_SESSIONS = "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1"
SECRETS = JournalSecrets(SIGNING_KEY, RootKeys(SIGNING_KEY))
pytestmark = [pytest.mark.slow, pytest.mark.pgbouncer]


@dataclass(frozen=True)
class Pooled:
    """The superuser's addresses of a server: its own, and through the pooler."""

    server: str
    pooler: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pooled() -> AsyncIterator[Pooled]:
    async with postgres() as server, pgbouncer(server) as pooler:
        yield Pooled(server, pooler)


async def test_a_fleet_works_through_the_pooler(pooled: Pooled, tmp_path: Path) -> None:
    async with asked_fleet(pooled.pooler, tmp_path) as fleet:
        async with fleet.asking():
            await fleet.more_answers(20)
        await fleet.all_is_kept(pooled.server)
        await fleet.assert_books_are_right(pooled.server)
        await fleet.assert_chain_verifies()


async def test_connections_share_sessions(pooled: Pooled) -> None:
    """Precondition of the other tests: three connections share sessions alternately. An idle session is replaced."""
    connections = [await connect(pooled.pooler) for _ in range(3)]
    turns = [[await each.fetchval("SELECT pg_backend_pid()") for each in connections] for _ in range(20)]
    await asyncio.gather(*(each.close() for each in connections))
    seen = [set(sessions) for sessions in zip(*turns, strict=True)]
    assert min(map(len, seen)) >= 2
    assert set.intersection(*seen)


async def test_an_address_that_does_not_name_the_pooler_is_refused(pooled: Pooled) -> None:
    with pytest.raises(ConfigurationError, match="add pool_mode=transaction or pool_mode=session"):
        await connect(pooled.pooler.partition("?")[0])


@pytest.mark.parametrize(("user", "database"), [("moe_reader", "postgres"), ("moe_unknown", "postgres"), ("", "none")])
async def test_what_the_pooler_refuses_for_good_is_an_error_of_the_configuration(
    pooled: Pooled, user: str, database: str
) -> None:
    await migrated(pooled.server, SIGNING_KEY)
    login = {"user": user, "password": "wrong"} if user else {}
    with pytest.raises(ConfigurationError, match="POSTGRES_CHECKPOINT_URL"), translated():
        await connect(pooled.pooler, database=database, **login)


async def test_a_login_tries_the_next_password_during_a_rotation(pooled: Pooled) -> None:
    await migrated(pooled.server, SIGNING_KEY)
    passwords = ("next", derived_password(SIGNING_KEY, READER_ROLE))
    connection = await connect_with(passwords, pooled.pooler, user=READER_ROLE)
    assert await connection.fetchval("SELECT session_user::text") == READER_ROLE
    await connection.close()


async def test_setting_the_same_passwords_again_shuts_no_pooler_out(pooled: Pooled) -> None:
    """A pooler logs in with the client's login as it saw it, which fits one salt."""
    await migrated(pooled.server, SIGNING_KEY)
    connection = await connect(pooled.pooler, user=READER_ROLE, password=derived_password(SIGNING_KEY, READER_ROLE))
    owner = await connect(pooled.server)
    await set_role_passwords(owner, SIGNING_KEY)
    ended = await owner.fetch(_END_SESSIONS, READER_ROLE)
    await eventually(partial(_are_gone, owner, [row["pid"] for row in ended]))
    assert await connection.fetchval("SELECT session_user::text") == READER_ROLE
    await asyncio.gather(connection.close(), owner.close())


async def _are_gone(owner: Connection, pids: list[int]) -> bool:
    return not await owner.fetchval("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ANY($1))", pids)


async def test_a_server_that_restarts_behind_the_pooler_is_found_again() -> None:
    limits = JournalLimits(wait_s=WAIT_TIMEOUT_S)
    with throw_away_folders() as folders:
        async with running(Postgres(folders, durable=False)) as store, pgbouncer(Server(store).url) as pooler:
            server = Server(store)
            async with PostgresJournal(pooler, SECRETS, limits) as journal:
                await journal.append(entry(1))
                await server.restart()
                await journal.append(entry(2))
            assert await server.value("SELECT count(*) FROM moe.journal") == 2
