"""The journal's own sessions can insert and read rows. All else is rejected for every caller."""

import secrets
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio

from libs.adapters.journal.pool import migrated, open_journal_pool
from libs.adapters.postgres.sessions import Pool
from libs.core.database_roles import JOURNAL_ROLE, derived_password
from libs.core.errors import ConfigurationError
from libs.testing.databases import empty_database
from libs.testing.keys import ANOTHER_KEY

pytestmark = pytest.mark.embedded
INSERT = """
SELECT set_config('moe.tenant', 'acme', false);
INSERT INTO moe.journal (log_id, topic, partition, "offset", timestamp_ms, tenant, commitment)
VALUES ('', 't', 0, 0, 0, 'acme', '')
"""
NOT_OURS = ("received_us", "xact")
REFUSED = [
    "UPDATE moe.journal SET content = 'changed'",
    "SELECT content FROM moe.journal",
    "SELECT salt FROM moe.journal",
    "INSERT INTO moe.chain (tenant, sequence, row_id, hash) VALUES ('acme', 1, 1, '')",
    "UPDATE moe.subject_keys SET wrapped = ''",
    "DELETE FROM moe.subject_keys",
    "INSERT INTO moe.erasures VALUES ('acme', 'julia', 0)",
    "UPDATE moe.journal SET tenant = 'mine'",
    "DELETE FROM moe.journal",
    "TRUNCATE moe.journal",
    "DROP TABLE moe.journal",
    "DROP SCHEMA moe CASCADE",
    "ALTER TABLE moe.journal DROP COLUMN content",
    "ALTER TABLE moe.journal OWNER TO moe_journal",
    "CREATE TRIGGER quiet BEFORE INSERT ON moe.journal EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE quiet AS ON INSERT TO moe.journal DO INSTEAD NOTHING",
    "CREATE TABLE moe.another ()",
    "INSERT INTO moe.migrations (name, sha256) VALUES ('forged', '')",
    "DELETE FROM moe.migrations",
    "GRANT ALL ON moe.journal TO moe_journal; DELETE FROM moe.journal",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION postgres",
    "RESET SESSION AUTHORIZATION; DELETE FROM moe.journal",
    "RESET ROLE; DELETE FROM moe.journal",
    "SET session_replication_role = replica",
    "CREATE ROLE friend SUPERUSER",
    "ALTER ROLE moe_journal BYPASSRLS",
    "COPY moe.journal TO '/tmp/journal'",
    *(INSERT.replace("commitment)", f"commitment, {name})").replace("'')\n", "'', 7)\n") for name in NOT_OURS),
    INSERT + "ON CONFLICT (log_id, topic, partition, \"offset\") DO UPDATE SET content = 'changed'",
    INSERT.replace("'acme', '')", "'zeta', '')"),
]


@pytest.fixture
async def owner_url(server_url: str) -> str:
    """Superuser's address of a new database without tables."""
    return await empty_database(server_url)


@pytest_asyncio.fixture
async def pool(owner_url: str, signing_key: str) -> AsyncIterator[Pool]:
    pool = await open_journal_pool(owner_url, signing_key)
    await pool.execute(INSERT)
    yield pool
    await pool.close()


def with_login(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{user}:{password}@{parts.hostname}:{parts.port}").geturl()


async def run_as_owner(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


@pytest_asyncio.fixture
async def own_role(owner_url: str, signing_key: str) -> AsyncIterator[tuple[str, str]]:
    """Yield name and address of a login that an operator made, with the journal's rights."""
    await migrated(owner_url, signing_key)
    name = f"kept_{secrets.token_hex(4)}"
    await run_as_owner(owner_url, f"CREATE ROLE {name} LOGIN PASSWORD 'secret' IN ROLE moe_journal")
    yield name, with_login(owner_url, name, "secret")
    await run_as_owner(owner_url, f"DROP OWNED BY {name}; DROP ROLE {name}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filled_pool(server_url: str) -> AsyncIterator[Pool]:
    """Yield a pool on the server's first database, with one row, which rejected statements leave unchanged."""
    pool = await open_journal_pool(server_url, "a key of the tests' own fleet")
    await pool.execute(INSERT + "ON CONFLICT DO NOTHING")
    yield pool
    await pool.close()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("statement", REFUSED)
async def test_the_service_s_own_pool_cannot(filled_pool: Pool, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await filled_pool.execute(statement)
    async with filled_pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL moe.tenant = 'acme'")
        (row,) = await connection.fetch("SELECT tag, tenant FROM moe.journal WHERE topic = 't'")
    assert (row["tag"], row["tenant"]) == (None, "acme")


async def test_the_pool_logs_in_as_a_role_without_any_power(pool: Pool) -> None:
    role = await pool.fetchrow("SELECT * FROM pg_roles WHERE rolname = session_user")
    assert role is not None
    assert role["rolname"] == JOURNAL_ROLE
    powers = ("rolsuper", "rolcreaterole", "rolcreatedb", "rolbypassrls", "rolreplication")
    assert not any(role[power] for power in powers)


async def test_the_role_s_password_is_derived_from_the_signing_key(
    pool: Pool, owner_url: str, signing_key: str
) -> None:
    right = with_login(owner_url, JOURNAL_ROLE, derived_password(signing_key, JOURNAL_ROLE))
    connection = await asyncpg.connect(right)
    await connection.close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(with_login(owner_url, JOURNAL_ROLE, derived_password("another key", JOURNAL_ROLE)))


async def test_a_second_start_leaves_open_sessions_alone(pool: Pool, owner_url: str, signing_key: str) -> None:
    second = await open_journal_pool(owner_url, signing_key)
    for each in (pool, second):
        async with each.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL moe.tenant = 'acme'")
            assert await connection.fetchval("SELECT count(*) FROM moe.journal") == 1
    await second.close()


async def test_an_owner_s_address_needs_the_signing_key(owner_url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^MOE_DATABASE_KEY"):
        await open_journal_pool(owner_url, "")


async def test_an_owner_that_may_not_manage_roles_does_without_while_their_logins_are_right(
    owner_url: str, signing_key: str
) -> None:
    name = f"owner_{secrets.token_hex(4)}"
    database = urlsplit(owner_url).path.removeprefix("/")
    await migrated(owner_url, signing_key)  # the role exists with another owner
    await run_as_owner(owner_url, f"DROP SCHEMA moe CASCADE; CREATE ROLE {name} LOGIN PASSWORD 'secret'")
    await run_as_owner(owner_url, f"GRANT CREATE ON DATABASE {database} TO {name}")
    url = with_login(owner_url, name, "secret")
    with pytest.raises(ConfigurationError, match=r"^POSTGRES_CHECKPOINT_URL: permission denied to alter role"):
        await open_journal_pool(url, ANOTHER_KEY)
    await (await open_journal_pool(url, signing_key)).close()
    await run_as_owner(owner_url, f"DROP OWNED BY {name}; DROP ROLE {name}")


async def test_a_role_of_the_operator_s_own_is_used_as_it_is(own_role: tuple[str, str]) -> None:
    name, url = own_role
    pool = await open_journal_pool(url, "")
    assert await pool.fetchval("SELECT session_user::text") == name
    await pool.execute(INSERT)
    await pool.close()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("GRANT UPDATE ON moe.journal TO {}", "may update rows"),
        ("GRANT UPDATE (tenant) ON moe.journal TO {}", "may update rows"),
        ("GRANT DELETE ON moe.journal TO {}", "may delete rows"),
        ("GRANT TRUNCATE ON moe.journal TO {}", "may empty the table"),
        ("GRANT TRIGGER ON moe.journal TO {}", "may add triggers"),
        ("ALTER ROLE {} BYPASSRLS", "bypasses row-level security"),
        ("ALTER ROLE {} CREATEROLE", "may create roles"),
        ("ALTER TABLE moe.journal OWNER TO {}", "owns the journal"),
        ("REVOKE moe_journal FROM {}", "may not add rows, may not read rows"),
    ],
)
async def test_a_role_that_can_do_more_or_less_is_refused(
    own_role: tuple[str, str], owner_url: str, statement: str, fault: str
) -> None:
    name, url = own_role
    await run_as_owner(owner_url, statement.format(name))
    try:
        with pytest.raises(ConfigurationError, match=f"^POSTGRES_CHECKPOINT_URL: role {name} .*{fault}"):
            await open_journal_pool(url, "")
    finally:
        await run_as_owner(owner_url, "ALTER TABLE moe.journal OWNER TO postgres")


async def test_a_weak_role_without_tables_is_told_to_migrate(
    own_role: tuple[str, str], owner_url: str, server_url: str
) -> None:
    name, url = own_role
    await run_as_owner(server_url, f"CREATE DATABASE empty_{name}")
    with pytest.raises(ConfigurationError, match="run `moe migrate` as the owner"):
        await open_journal_pool(urlsplit(url)._replace(path=f"/empty_{name}").geturl(), "")


async def test_only_an_owner_migrates(own_role: tuple[str, str], signing_key: str) -> None:
    with pytest.raises(ConfigurationError, match="does not own"):
        await migrated(own_role[1], signing_key)
