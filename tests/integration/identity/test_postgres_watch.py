"""The cached state follows the database, whatever happens to notifications and connections."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial

import asyncpg
import pytest
import pytest_asyncio

from libs.adapters.postgres.connection import connected
from libs.adapters.postgres.migrate import migrate
from libs.adapters.postgres.refresher import PostgresRefresher, RefreshIntervals, RefreshSource
from libs.adapters.postgres.sessions import Connection
from libs.testing.databases import empty_database
from libs.testing.waiting import eventually, waiting
from tests.support.identity.freezing_proxy import line_to

QUICK = RefreshIntervals(look_every_s=0.1, look_timeout_s=30.0, pause_s=0.05)
NEVER_LOOKS = RefreshIntervals(look_every_s=3600, look_timeout_s=30.0)
TRIGGER = """
CREATE TABLE moe.items (name text);
CREATE TRIGGER noted AFTER INSERT OR UPDATE OR DELETE ON moe.items
    FOR EACH STATEMENT EXECUTE FUNCTION moe.note_change('items');
"""
ADD = "INSERT INTO moe.items VALUES ($1)"


@pytest.fixture
async def owner_url(server_url: str) -> str:
    """Superuser's address of a new database without tables."""
    return await empty_database(server_url)


class Snapshot:
    """Records its reads, and the version from which each read started."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.asked: list[int] = []

    async def reload(self, session: Connection, since: int) -> None:
        self.asked.append(since)
        self.names = {row["name"] for row in await session.fetch("SELECT name FROM moe.items")}


@pytest_asyncio.fixture
async def owner(owner_url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(owner_url)
    await migrate(connection)
    await connection.execute(TRIGGER)
    yield connection
    await connection.close()


@asynccontextmanager
async def watching(url: str, snapshot: Snapshot, pace: RefreshIntervals) -> AsyncIterator[PostgresRefresher]:
    watched = RefreshSource("items", snapshot.reload)
    async with PostgresRefresher(partial(connected, url, {"application_name": "watch"}), watched, pace) as watch:
        await eventually(lambda: watch.loaded)
        yield watch


async def test_a_change_is_told_without_waiting_for_the_next_look(owner: Connection, owner_url: str) -> None:
    snapshot = Snapshot()
    async with watching(owner_url, snapshot, NEVER_LOOKS):
        await owner.execute(ADD, "new")
        await eventually(lambda: snapshot.names == {"new"})


async def test_who_needs_the_first_load_gets_it(owner: Connection, owner_url: str) -> None:
    await owner.execute(ADD, "old")
    snapshot = Snapshot()
    async with PostgresRefresher(
        partial(connected, owner_url, {}), RefreshSource("items", snapshot.reload), QUICK
    ) as watch:
        await watch.first_load()
        assert snapshot.names == {"old"}


async def test_nobody_waits_for_a_first_load_for_longer_than_a_start_may_take() -> None:
    nowhere = partial(connected, "postgresql://127.0.0.1:1/moe", {})
    async with PostgresRefresher(
        nowhere, RefreshSource("items", Snapshot().reload), replace(QUICK, patience_s=0.2)
    ) as watch:
        async with waiting(30):
            await watch.first_load()
        assert not watch.loaded


async def test_a_change_whose_notice_was_lost_is_seen_at_the_next_look(owner: Connection, owner_url: str) -> None:
    snapshot = Snapshot()
    silence = "CREATE OR REPLACE FUNCTION moe.note_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
    await owner.execute(f"{silence} $$BEGIN UPDATE moe.versions SET version = version + 1; RETURN NULL; END$$")
    await owner.execute("INSERT INTO moe.versions VALUES ('items', 1)")
    async with watching(owner_url, snapshot, QUICK):
        await owner.execute(ADD, "new")
        await eventually(lambda: snapshot.names == {"new"})


async def test_what_did_not_change_is_not_read_again(owner: Connection, owner_url: str) -> None:
    snapshot = Snapshot()
    async with watching(owner_url, snapshot, QUICK) as watch:
        first = watch.seen_at
        await eventually(lambda: watch.seen_at > first + 0.3)
    assert snapshot.asked == [0]


async def test_it_is_told_since_when_to_read(owner: Connection, owner_url: str) -> None:
    snapshot = Snapshot()
    await owner.execute(ADD, "first")
    async with watching(owner_url, snapshot, QUICK):
        await owner.execute(ADD, "second")
        await eventually(lambda: len(snapshot.names) == 2)
    assert snapshot.asked == [0, 1]


async def test_a_change_of_a_transaction_that_failed_is_no_change(owner: Connection, owner_url: str) -> None:
    snapshot = Snapshot()
    async with watching(owner_url, snapshot, QUICK):
        undone = owner.transaction()
        await undone.start()
        await owner.execute(ADD, "never")
        await undone.rollback()
        await owner.execute(ADD, "kept")
        await eventually(lambda: snapshot.names == {"kept"})
    assert snapshot.asked == [0, 0]


async def test_a_lost_connection_is_opened_again_and_everything_is_read(owner: Connection, owner_url: str) -> None:
    snapshot = Snapshot()
    async with watching(owner_url, snapshot, QUICK):
        await _end_the_watch(owner)
        await owner.execute(ADD, "meanwhile")
        await eventually(lambda: snapshot.names == {"meanwhile"})
    assert set(snapshot.asked) == {0}


async def test_a_database_that_is_not_ready_is_waited_for(owner_url: str) -> None:
    snapshot = Snapshot()
    watched = RefreshSource("items", snapshot.reload)
    async with PostgresRefresher(partial(connected, owner_url, {}), watched, QUICK) as watch:
        await eventually(lambda: watch.trouble is not None and "does not exist" in watch.trouble)
        assert not watch.loaded
        await _prepare(owner_url)
        await eventually(lambda: watch.loaded)
        assert watch.trouble is None


async def test_its_age_grows_while_nobody_can_be_asked(owner: Connection, owner_url: str) -> None:
    snapshot = Snapshot()
    async with watching(owner_url, snapshot, QUICK) as watch:
        await owner.execute("ALTER TABLE moe.versions RENAME TO gone")
        await eventually(lambda: watch.age_s > 0.5)
        assert watch.trouble is not None


async def _end_the_watch(owner: Connection) -> None:
    await owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'watch'")


async def _prepare(url: str) -> None:
    connection = await asyncpg.connect(url)
    await migrate(connection)
    await connection.execute(TRIGGER)
    await connection.close()


@pytest.mark.parametrize(("patience_s", "lines"), [(0.0, 1), (60.0, 0)])
async def test_trouble_is_worth_a_line_when_it_lasts(
    owner_url: str, caplog: pytest.LogCaptureFixture, patience_s: float, lines: int
) -> None:
    looks = 0

    def counted() -> AbstractAsyncContextManager[Connection]:
        nonlocal looks
        looks += 1
        return connected(owner_url, {})

    pace = replace(QUICK, patience_s=patience_s)
    async with PostgresRefresher(counted, RefreshSource("items", Snapshot().reload), pace):
        await eventually(lambda: looks > 3)
    assert len([record for record in caplog.records if "does not exist" in record.getMessage()]) == lines


async def test_a_server_that_falls_silent_is_given_up_and_asked_anew(owner: Connection, owner_url: str) -> None:
    snapshot, pace = Snapshot(), replace(QUICK, look_timeout_s=0.3)
    async with line_to(owner_url) as (line, url), watching(url, snapshot, pace) as watch:
        line.freeze()
        await eventually(lambda: watch.trouble is not None)
        await owner.execute(ADD, "meanwhile")
        line.thaw()
        await eventually(lambda: snapshot.names == {"meanwhile"})


async def test_leaving_does_not_wait_for_a_server_that_fell_silent(owner: Connection, owner_url: str) -> None:
    async with (
        line_to(owner_url) as (line, url),
        waiting(30),
        watching(url, Snapshot(), replace(QUICK, look_timeout_s=3600)),
    ):
        line.freeze()
