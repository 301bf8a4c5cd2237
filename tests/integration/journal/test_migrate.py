"""Migrations are applied once, in order, by one process at a time, all or nothing."""

import asyncio

import asyncpg
import pytest

from libs.adapters.postgres.migrate import Migration, applied_in, migrate, shipped
from libs.core.errors import ConfigurationError
from libs.testing.databases import empty_database, migrated_database

pytestmark = pytest.mark.embedded
ONE = Migration("0001_one.sql", "CREATE TABLE moe.one (id int); INSERT INTO moe.one VALUES (1);")
TWO = Migration("0002_two.sql", "INSERT INTO moe.one VALUES (2);")


@pytest.fixture
async def owner_url(server_url: str) -> str:
    """Superuser's address of a new database without tables."""
    return await empty_database(server_url)


async def test_what_is_shipped_is_applied_once(owner_url: str) -> None:
    owner = await asyncpg.connect(owner_url)
    assert await migrate(owner) == tuple(migration.name for migration in shipped())
    assert await migrate(owner) == ()
    assert await applied_in(owner) == {migration.name: migration.sha256 for migration in shipped()}
    await owner.close()


async def test_a_new_migration_is_applied_on_top(owner_url: str) -> None:
    owner = await asyncpg.connect(owner_url)
    assert await migrate(owner, (ONE,)) == ("0001_one.sql",)
    assert await migrate(owner, (ONE, TWO)) == ("0002_two.sql",)
    assert await owner.fetchval("SELECT array_agg(id ORDER BY id) FROM moe.one") == [1, 2]
    await owner.close()


async def test_processes_that_start_together_migrate_once(owner_url: str) -> None:
    owners = [await asyncpg.connect(owner_url) for _ in range(4)]
    applied = await asyncio.gather(*(migrate(owner, (ONE, TWO)) for owner in owners))
    assert sorted(applied) == [(), (), (), ("0001_one.sql", "0002_two.sql")]
    for owner in owners:
        await owner.close()


async def test_a_failing_migration_leaves_nothing_behind(owner_url: str) -> None:
    owner = await asyncpg.connect(owner_url)
    broken = Migration("0002_broken.sql", "INSERT INTO moe.nowhere VALUES (1);")
    with pytest.raises(asyncpg.UndefinedTableError):
        await migrate(owner, (ONE, broken))
    assert await applied_in(owner) == {}
    assert await owner.fetchval("SELECT to_regclass('moe.one')") is None
    await owner.close()


async def test_an_applied_migration_that_was_edited_stops_the_start(owner_url: str) -> None:
    owner = await asyncpg.connect(owner_url)
    await migrate(owner, (ONE,))
    with pytest.raises(ConfigurationError, match=r"0001_one\.sql differs"):
        await migrate(owner, (Migration(ONE.name, ONE.sql + " "), TWO))
    await owner.close()


async def test_each_copy_of_the_template_has_every_migration_and_rows_of_its_own(server_url: str) -> None:
    one, other = [await asyncpg.connect(await migrated_database(server_url)) for _ in range(2)]
    try:
        await one.execute("CREATE TABLE moe.marked ()")
        for owner in (one, other):
            assert await applied_in(owner) == {migration.name: migration.sha256 for migration in shipped()}
        assert await other.fetchval("SELECT to_regclass('moe.marked')") is None
    finally:
        await one.close()
        await other.close()
