"""`moe migrate` renames roles and tables of an earlier release: rights and rows stay, passwords are set anew."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio

from libs.adapters.journal.pool import migrated, open_journal_pool
from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.migrate import applied_in, migrate, shipped
from libs.adapters.postgres.sessions import Connection
from libs.adapters.quota.budgets.lease_size import Holder, LeaseLimits
from libs.adapters.quota.budgets.lease_store import PostgresLeaseStore
from libs.core.database_roles import (
    AUTHENTICATOR_ROLE,
    RENAMED_ROLES,
    RESTORER_ROLE,
    ROLES,
    SEALER_ROLE,
    derived_password,
)
from libs.core.errors import ConfigurationError
from libs.ports.quota import BudgetExceeded
from libs.testing.databases import empty_database
from libs.testing.keys import SIGNING_KEY
from libs.testing.stores import postgres
from tests.integration.journal.test_rights import OPEN_TO_ALL, RIGHTS, TABLES, rights_of
from tests.support.postgres.earlier_release import EARLIER_ROLES, LAST, TENANT, install_earlier_release, roles_in

pytestmark = pytest.mark.embedded


@pytest_asyncio.fixture
async def server_url() -> AsyncIterator[str]:
    """Yield the superuser's address of a server of its own: roles belong to a server."""
    async with postgres() as url:
        yield url


@pytest_asyncio.fixture
async def owner_url(server_url: str) -> str:
    """Superuser's address of a database of the earlier release, with data."""
    url = await empty_database(server_url)
    owner = await asyncpg.connect(url)
    await install_earlier_release(owner, SIGNING_KEY)
    await owner.close()
    return url


@pytest_asyncio.fixture
async def owner(owner_url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(owner_url)
    yield connection
    await connection.close()


async def rights_in(owner: Connection) -> dict[str, dict[str, set[str]]]:
    return {
        role: {table: rights for table in TABLES if (rights := await rights_of(owner, role, table))} for role in ROLES
    }


async def policies_in(url: str) -> list[tuple[str, ...]]:
    owner = await asyncpg.connect(url)
    rows = await owner.fetch(
        "SELECT tablename, policyname, cmd, qual, with_check, ARRAY(SELECT unnest(roles) ORDER BY 1) AS sorted "
        "FROM pg_policies ORDER BY tablename, policyname, sorted"
    )
    await owner.close()
    return [tuple(str(value) for value in row) for row in rows]


async def log_in(url: str, role: str, password: str) -> None:
    parts = urlsplit(url)
    session = await asyncpg.connect(parts._replace(netloc=f"{role}:{password}@{parts.hostname}:{parts.port}").geturl())
    await session.close()


async def assert_upgraded(owner: Connection, url: str) -> None:
    """Assert that every role has its rights, its policies and its password, as in a new database."""
    for role in ROLES:
        async with logged_in(url, SIGNING_KEY, role) as session:
            assert await session.fetchval("SELECT has_schema_privilege('moe', 'USAGE')")
    fresh = await empty_database(url)
    await migrated(fresh, SIGNING_KEY)  # sets the passwords of the server's roles: after the logins
    assert await rights_in(owner) == {role: RIGHTS[role] | OPEN_TO_ALL for role in ROLES}
    assert await policies_in(url) == await policies_in(fresh)


async def test_roles_of_an_earlier_release_keep_their_rights_under_new_names(owner: Connection, owner_url: str) -> None:
    assert await roles_in(owner) == set(EARLIER_ROLES)
    assert (await migrated(owner_url, SIGNING_KEY)).passwords == "current"
    assert await roles_in(owner) == set(ROLES)
    await assert_upgraded(owner, owner_url)
    assert await applied_in(owner) == {migration.name: migration.sha256 for migration in shipped()}


async def test_a_second_migration_changes_nothing(owner: Connection, owner_url: str) -> None:
    await migrated(owner_url, SIGNING_KEY)
    before = await policies_in(owner_url), await rights_in(owner)
    assert (await migrated(owner_url, SIGNING_KEY)).applied == ()
    assert (await policies_in(owner_url), await rights_in(owner)) == before


@pytest.mark.parametrize("role", RENAMED_ROLES)
async def test_a_connected_process_of_the_earlier_release_stops_the_migration(
    owner: Connection, owner_url: str, role: str
) -> None:
    async with logged_in(owner_url, SIGNING_KEY, role):
        with pytest.raises(ConfigurationError, match=rf"^POSTGRES_CHECKPOINT_URL: .*\({role}\); stop the fleet.*$"):
            await migrated(owner_url, SIGNING_KEY)
        assert await roles_in(owner) == set(EARLIER_ROLES)
        assert max(await applied_in(owner)) == LAST
    await log_in(owner_url, role, derived_password(SIGNING_KEY, role))


async def test_a_journal_that_starts_as_the_owner_renames_the_roles(owner: Connection, owner_url: str) -> None:
    await (await open_journal_pool(owner_url, SIGNING_KEY)).close()
    await assert_upgraded(owner, owner_url)


async def test_a_crash_between_the_migration_and_the_passwords_is_repaired_by_the_next_start(
    owner: Connection, owner_url: str
) -> None:
    await migrate(owner)
    with pytest.raises(ConfigurationError, match=f"the role {AUTHENTICATOR_ROLE} cannot log in yet; run `moe migrate`"):
        async with logged_in(owner_url, SIGNING_KEY, AUTHENTICATOR_ROLE):
            pytest.fail("logged in by the password of the old name")
    await (await open_journal_pool(owner_url, SIGNING_KEY)).close()
    await assert_upgraded(owner, owner_url)


async def test_another_database_of_the_server_is_migrated_after_the_first(owner: Connection, owner_url: str) -> None:
    second = await empty_database(owner_url)
    other = await asyncpg.connect(second)
    await install_earlier_release(other, SIGNING_KEY)
    await migrated(owner_url, SIGNING_KEY)
    await migrated(second, SIGNING_KEY)
    await assert_upgraded(owner, owner_url)
    await assert_upgraded(other, second)
    await other.close()


async def test_a_dump_of_an_earlier_release_is_restored_on_a_server_with_the_new_roles(
    owner: Connection, owner_url: str
) -> None:
    await migrated(owner_url, SIGNING_KEY)
    restored = await empty_database(owner_url)
    other = await asyncpg.connect(restored)
    await install_earlier_release(other, SIGNING_KEY)  # makes the old roles anew
    async with logged_in(owner_url, SIGNING_KEY, AUTHENTICATOR_ROLE):  # this one is of today's release
        await migrated(restored, SIGNING_KEY)
    assert await roles_in(owner) == set(ROLES)
    await assert_upgraded(owner, owner_url)
    await assert_upgraded(other, restored)
    await other.close()


async def test_old_roles_that_have_no_rights_here_do_not_stop_a_start(owner: Connection, owner_url: str) -> None:
    await migrated(owner_url, SIGNING_KEY)
    other = await asyncpg.connect(await empty_database(owner_url))
    await install_earlier_release(other, SIGNING_KEY)
    async with logged_in(owner_url, SIGNING_KEY, "moe_cashier"):
        assert (await migrated(owner_url, SIGNING_KEY)).applied == ()
    await other.close()


async def test_open_requests_and_unpublished_audit_entries_of_an_earlier_release_stay(owner_url: str) -> None:
    await migrated(owner_url, SIGNING_KEY)
    async with logged_in(owner_url, SIGNING_KEY, RESTORER_ROLE) as session:
        row = await session.fetchrow("SELECT tenant, response_id, kind, log_id, tag, content FROM moe.write_ahead")
    assert row is not None
    assert tuple(row) == (TENANT, "r1", "opened", "log-1", b"tag", b"content")
    async with logged_in(owner_url, SIGNING_KEY, SEALER_ROLE) as session:
        row = await session.fetchrow("SELECT tenant, action, actor, target FROM moe.audit_outbox")
    assert row is not None
    assert tuple(row) == (TENANT, "hold-placed", "ada", "h1")


async def test_budget_leases_of_an_earlier_release_still_count(owner_url: str) -> None:
    await migrated(owner_url, SIGNING_KEY)
    holder = Holder(TENANT, "user", "julia")  # 700 of 1000 were leased
    async with PostgresLeaseStore(owner_url, SIGNING_KEY, LeaseLimits(1000, spend_s=30.0, request_s=30.0)) as leases:
        with pytest.raises(BudgetExceeded):
            await leases.lease(holder, 301)
        leased = await leases.lease(holder, 300)
    assert leased is not None
    assert leased.amount == 300


async def test_no_name_of_an_earlier_release_is_left(owner: Connection, owner_url: str) -> None:
    await migrated(owner_url, SIGNING_KEY)
    found = await owner.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'moe'::regnamespace AND relkind IN ('r', 'i', 'v') "
        "AND relname ~ '^(acts|accepted|chunks|budget_chunks)'"
    )
    assert found == []
