"""Each role has exactly the rights declared here, table by table, and reads no row of a tenant that it did not name."""

from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest
import pytest_asyncio

from libs.adapters.journal.reader import PostgresJournalReader
from libs.adapters.journal.writer import PostgresJournal
from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.sessions import Connection
from libs.core.database_roles import (
    AUDITOR_ROLE,
    AUTHENTICATOR_ROLE,
    BUDGET_ADMIN_ROLE,
    BUDGET_LEASE_ROLE,
    DIRECTORY_ADMIN_ROLE,
    ERASER_ROLE,
    JOURNAL_ROLE,
    KEY_ROTATOR_ROLE,
    READER_ROLE,
    RESTORER_ROLE,
    ROLES,
    SEALER_ROLE,
    SUBJECT_KEYS_ROLE,
    TOOL_ADMIN_ROLE,
    USAGE_ROLE,
    WRITE_AHEAD_ROLE,
)
from libs.core.errors import ConfigurationError
from libs.core.key_roots import RootKeys
from libs.ports.journal import Claims
from libs.runtime.settings.journal_secrets import JournalSecrets
from tests.integration.journal.test_sealer import entry, sealer
from tests.support.journal.recording_publisher import RecordingPublisher

pytestmark = pytest.mark.embedded
TABLES = (
    "api_keys", "audit_outbox", "budget_leases", "budgets", "chain", "checkpoints", "deletions", "directory_changes",
    "erasures", "grants", "guests", "heads", "holds", "journal", "late_calls", "memberships", "migrations",
    "model_costs", "profiles", "seals", "spending", "subject_keys", "superseded", "switched_off", "teams", "templates",
    "tenants", "usage", "users", "versions", "write_ahead",
)  # fmt: skip
ACTIONS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
# role: table: rights; in brackets: the columns, if not all of them.
RIGHTS: dict[str, dict[str, set[str]]] = {
    JOURNAL_ROLE: {
        "journal": {
            "SELECT(id,log_id,offset,partition,tag,tenant,timestamp_ms,topic)",
            "INSERT(base_id,causation_id,commitment,content,event_id,key_id,log_id,offset,partition,response_id,salt,schema,"
            "tag,tenant,timestamp_ms,topic)",
        },
        "subject_keys": {"SELECT", "INSERT(subject,tenant,wrapped)"},
        "erasures": {"SELECT"},
    },
    SEALER_ROLE: {
        "journal": {
            "SELECT(causation_id,commitment,event_id,id,log_id,offset,partition,received_us,response_id,schema,shard,"
            "tenant,timestamp_ms,topic,xact)",
        },
        "chain": {"INSERT"},
        "heads": {"SELECT", "INSERT", "UPDATE"},
        "seals": {"SELECT", "UPDATE"},
        "checkpoints": {"SELECT", "INSERT(at_ms,hash,key,sequence,signature,tenant)", "UPDATE(said)"},
        "audit_outbox": {"SELECT", "INSERT(action,actor,detail,reason,target,tenant)", "DELETE"},
    },
    READER_ROLE: {
        "journal": {"SELECT"},
        "superseded": {"SELECT"},
        "subject_keys": {"SELECT"},
        "chain": {"SELECT"},
        "checkpoints": {"SELECT"},
    },
    AUDITOR_ROLE: {"journal": {"SELECT"}, "superseded": {"SELECT"}, "subject_keys": {"SELECT"}},
    ERASER_ROLE: {
        "journal": {
            "SELECT(base_id,id,key_id,log_id,received_us,response_id,tenant,timestamp_ms,topic)",
            "UPDATE(content,key_id,salt,tag)",
        },
        "subject_keys": {"SELECT(key_id,subject,tenant)", "UPDATE(subject)", "DELETE"},
        "erasures": {"SELECT", "INSERT", "UPDATE(until_ms)"},
        "heads": {"SELECT(tenant)"},
        "holds": {"SELECT", "INSERT(placed_by,reason,subject,tenant)", "UPDATE(released_at,released_by)"},
        "audit_outbox": {"INSERT(action,actor,detail,reason,target,tenant)"},
        "write_ahead": {"SELECT(key_id,tenant)", "DELETE"},
    },
    WRITE_AHEAD_ROLE: {
        "write_ahead": {
            "SELECT(kind,response_id,tenant)",
            "INSERT(content,event_id,key_id,kind,log_id,response_id,tag,tenant)",
            "DELETE",
        },
        "subject_keys": {"SELECT", "INSERT(subject,tenant,wrapped)"},
        "erasures": {"SELECT"},
    },
    RESTORER_ROLE: {
        "write_ahead": {"SELECT", "UPDATE(log_id,times)", "DELETE"},
        "subject_keys": {"SELECT"},
        "journal": {"SELECT(event_id,received_us,response_id,schema,tag,tenant,topic)"},
    },
    KEY_ROTATOR_ROLE: {
        "subject_keys": {"SELECT", "UPDATE(wrapped)"},
        "audit_outbox": {"INSERT(action,actor,detail,reason,target,tenant)"},
    },
    SUBJECT_KEYS_ROLE: {
        "audit_outbox": {"INSERT(action,actor,detail,reason,target,tenant)"},
        "deletions": {"SELECT", "INSERT(response_id,tenant)"},
        "subject_keys": {"SELECT", "INSERT(subject,tenant,wrapped)"},
        "erasures": {"SELECT"},
        "journal": {"SELECT(key_id,response_id,schema,tenant)"},
    },
    AUTHENTICATOR_ROLE: {
        "api_keys": {
            "SELECT(admin,cc_profile,expires_at,lookup,requests_per_minute,revoked_at,sha256,streams,team_id,tenant,"
            "tokens_per_minute,user_id)",
        },
        "directory_changes": {"SELECT"},
        "grants": {"SELECT(kind,lookup,resource,team_id,tenant,user_id)"},
        "guests": {"SELECT"},
        "memberships": {"SELECT"},
        "teams": {"SELECT(name,team_id,tenant)"},
        "users": {"SELECT(disabled_at,tenant,user_id)"},
        "templates": {"SELECT(document,template_id,tenant,version)"},
        "profiles": {"SELECT(document,profile_id,tenant,version)"},
    },
    DIRECTORY_ADMIN_ROLE: {
        "api_keys": {
            "SELECT(admin,cc_profile,created_at,expires_at,lookup,name,requests_per_minute,revoked_at,streams,team_id,"
            "tenant,tokens_per_minute,user_id)",
            "INSERT",
            "UPDATE(cc_profile,expires_at,name,requests_per_minute,revoked_at,streams,tokens_per_minute)",
        },
        "grants": {"SELECT", "INSERT", "DELETE"},
        "guests": {"SELECT", "INSERT", "DELETE"},
        "memberships": {"SELECT", "INSERT", "DELETE"},
        "teams": {"SELECT", "INSERT"},
        "tenants": {"SELECT", "INSERT"},
        "users": {"SELECT", "INSERT", "UPDATE(disabled_at,name)"},
        "templates": {"SELECT", "INSERT", "UPDATE(document,name,updated_at,updated_by,version)", "DELETE"},
        "profiles": {"SELECT", "INSERT", "UPDATE(document,name,updated_at,updated_by,version)", "DELETE"},
        "audit_outbox": {"INSERT(action,actor,detail,reason,target,tenant)"},
    },
    USAGE_ROLE: {
        "budget_leases": {"SELECT(chunk_id,reserved)", "UPDATE(reserved)"},
        "model_costs": {"SELECT"},
        "spending": {"SELECT", "INSERT", "UPDATE(cost)"},
        "usage": {"SELECT", "INSERT", "UPDATE(calls,completion_tokens,cost,prompt_tokens)"},
        "late_calls": {"SELECT", "INSERT", "DELETE"},
    },
    BUDGET_LEASE_ROLE: {
        "budget_leases": {
            "SELECT",
            "INSERT(amount,expires_at,holder,kind,reserved,tenant)",
            "UPDATE(reserved)",
            "DELETE",
        },
        "budgets": {"SELECT"},
        "model_costs": {"SELECT"},
        "spending": {"SELECT"},
    },
    BUDGET_ADMIN_ROLE: {
        "audit_outbox": {"INSERT(action,actor,detail,reason,target,tenant)"},
        "budget_leases": {"SELECT"},
        "budgets": {"SELECT", "INSERT", "UPDATE", "DELETE"},
        "model_costs": {"SELECT", "INSERT", "UPDATE", "DELETE"},
        "spending": {"SELECT"},
        "usage": {"SELECT"},
    },
    TOOL_ADMIN_ROLE: {
        "audit_outbox": {"INSERT(action,actor,detail,reason,target,tenant)"},
        "switched_off": {"SELECT", "INSERT(name)", "DELETE"},
    },
}
_COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = ('moe.' || $2)::regclass AND attnum > 0 AND NOT attisdropped
AND has_column_privilege($1::name, attrelid, attname, $3) ORDER BY attname
"""
# Which migrations were applied is no secret, nor how often something was changed.
OPEN_TO_ALL = {"migrations": {"SELECT"}, "versions": {"SELECT"}}


@pytest_asyncio.fixture
async def journal(owner_url: str, secrets: JournalSecrets) -> AsyncIterator[PostgresJournal]:
    async with PostgresJournal(owner_url, secrets) as opened:
        yield opened


@pytest_asyncio.fixture
async def owner(journal: PostgresJournal, owner_url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(owner_url)
    yield connection
    await connection.close()


async def rights_of(owner: Connection, role: str, table: str) -> set[str]:
    """Read the rights of a role from the catalogue."""
    found = set()
    for action in ACTIONS:
        if await owner.fetchval("SELECT has_table_privilege($1::name, 'moe.' || $2, $3)", role, table, action):
            found.add(action)
        elif action in ("SELECT", "INSERT", "UPDATE", "REFERENCES"):
            columns = [row["attname"] for row in await owner.fetch(_COLUMNS, role, table, action)]
            found |= {f"{action}({','.join(columns)})"} if columns else set()
    return found


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_may_do_exactly_what_is_declared(owner: Connection, role: str) -> None:
    found = {table: rights for table in TABLES if (rights := await rights_of(owner, role, table))}
    assert found == RIGHTS[role] | OPEN_TO_ALL


async def test_no_table_is_forgotten_here(owner: Connection) -> None:
    names = await owner.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'moe'::regnamespace AND relkind IN ('r', 'v')"
    )
    assert sorted(row["relname"] for row in names) == sorted(TABLES)


@pytest.mark.parametrize("role", ROLES)
async def test_no_role_has_power_over_others_or_owns_anything(owner: Connection, role: str) -> None:
    powers = await owner.fetchrow("SELECT * FROM pg_roles WHERE rolname = $1", role)
    assert powers is not None
    names = ("rolsuper", "rolcreaterole", "rolcreatedb", "rolbypassrls", "rolreplication")
    assert not any(powers[name] for name in names)
    assert await owner.fetchval("SELECT count(*) FROM pg_class WHERE relowner = $1::regrole", role) == 0
    assert not await owner.fetchval("SELECT has_schema_privilege($1::name, 'moe', 'CREATE')", role)
    memberships = "SELECT count(*) FROM pg_auth_members WHERE member = $1::regrole OR roleid = $1::regrole"
    assert await owner.fetchval(memberships, role) == 0


async def test_every_table_with_rows_of_tenants_forces_row_level_security(owner: Connection) -> None:
    rows = await owner.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'moe'::regnamespace AND relforcerowsecurity"
    )
    protected = {row["relname"] for row in rows}
    directory = {"api_keys", "grants", "guests", "memberships", "profiles", "teams", "templates", "users"}
    journal = {"write_ahead", "chain", "checkpoints", "deletions", "erasures", "holds", "journal", "subject_keys"}
    budgets = {"budget_leases", "budgets", "late_calls", "model_costs", "spending", "usage"}
    assert protected == journal | directory | budgets


async def test_a_foreign_tenant_s_row_is_invisible_through_the_service_s_own_pool(journal: PostgresJournal) -> None:
    await journal.append(entry(1, "acme"))
    pool = await journal.pool()
    for tenant, seen in {"acme": 1, "zeta": 0, "": 0}.items():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT set_config('moe.tenant', $1, true)", tenant)
            assert await connection.fetchval("SELECT count(*) FROM moe.journal") == seen
            assert await connection.fetchval("SELECT count(*) FROM moe.subject_keys") == seen
    assert await pool.fetchval("SELECT count(*) FROM moe.journal") == 0  # and none at all without a tenant


async def test_a_foreign_tenant_s_row_cannot_be_written_through_the_service_s_own_pool(
    journal: PostgresJournal,
) -> None:
    pool = await journal.pool()
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('moe.tenant', 'acme', true)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await connection.execute(
                'INSERT INTO moe.journal (log_id, topic, partition, "offset", timestamp_ms, tenant, commitment) '
                "VALUES ('', 't', 0, 0, 0, 'zeta', '')"
            )


async def test_a_reader_of_one_tenant_finds_nothing_of_another(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> None:
    await journal.append(entry(1, "acme"))
    reader = PostgresJournalReader(owner_url, secrets)
    assert len(await reader.history("r", "acme")) == 1
    assert await reader.history("r", "zeta") == ()
    assert len(await reader.history("r")) == 1


async def test_a_reader_of_one_tenant_sees_no_other_s_chain(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> None:
    await journal.append(entry(1, "acme"))
    async with logged_in(owner_url, secrets.passwords, SEALER_ROLE) as session:
        await sealer(owner_url, secrets).round(session, RecordingPublisher())
    async with logged_in(owner_url, secrets.passwords, READER_ROLE) as session, session.transaction():
        for tenant, seen in {"acme": 1, "zeta": 0}.items():
            await session.execute("SELECT set_config('moe.tenant', $1, true)", tenant)
            assert await session.fetchval("SELECT count(*) FROM moe.chain") == seen


async def test_another_signing_key_opens_no_session(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> None:
    with pytest.raises(ConfigurationError, match=r"^MOE_DATABASE_KEY: this is not the key"):
        await PostgresJournalReader(owner_url, JournalSecrets("the key of another fleet", RootKeys("x"))).history("r")


async def test_another_journal_key_reads_nothing(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> None:
    await journal.append(entry(1, "acme"))
    wrong = JournalSecrets(secrets.passwords, RootKeys("another key for content"))
    with pytest.raises(ConfigurationError, match="MOE_JOURNAL_KEY"):
        await PostgresJournalReader(owner_url, wrong).history("r")


async def test_a_later_copy_with_another_body_is_superseded_and_can_be_asked_for(
    journal: PostgresJournal, owner: Connection
) -> None:
    for number, body in enumerate([b"first", b"first", b"second"]):
        claims = Claims(event_id="same", response_id="r", schema="x.v1")
        await journal.append(replace(entry(number), payload=body, claims=claims))
    rows = await owner.fetch('SELECT "offset", first_id FROM moe.superseded')
    assert [(row["offset"], row["first_id"]) for row in rows] == [(2, 1)]
