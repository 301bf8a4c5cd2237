"""Connections that fail to open: a caller gets one or an error, in time."""

import asyncpg
import pytest

from libs.adapters.journal.pool import migrated
from libs.adapters.postgres.role_pool import RoleLogin, RolePool
from libs.adapters.postgres.sessions import AS_TENANT, PostgresUnavailable
from libs.core.database_roles import BUDGET_LEASE_ROLE
from libs.core.errors import ConfigurationError
from libs.testing.keys import SIGNING_KEY
from tests.support.identity.freezing_proxy import line_to

LOGIN = RoleLogin(BUDGET_LEASE_ROLE, {"application_name": "pool"})
QUICK_S = 0.3
PATIENT_S = 30.0


def pool_at(url: str) -> RolePool:
    return RolePool(url, SIGNING_KEY, LOGIN)


async def who(pool: RolePool, within_s: float = PATIENT_S) -> str:
    async with pool.session(within_s) as session:
        return str(await session.fetchval("SELECT session_user::text"))


async def test_a_session_is_of_its_role(owner_url: str) -> None:
    await migrated(owner_url, SIGNING_KEY)
    pool = pool_at(owner_url)
    assert await who(pool) == BUDGET_LEASE_ROLE
    pool.forget()


async def test_a_database_that_is_made_meanwhile_is_logged_into(owner_url: str) -> None:
    url = f"{owner_url}_later"
    pool = pool_at(url)
    with pytest.raises(ConfigurationError):
        await who(pool)
    owner = await asyncpg.connect(owner_url)
    await owner.execute(f"CREATE DATABASE {url.rpartition('/')[2]}")
    await owner.close()
    await migrated(url, SIGNING_KEY)
    assert await who(pool) == BUDGET_LEASE_ROLE
    pool.forget()


async def test_a_server_that_falls_silent_is_told_in_time_and_asked_anew(owner_url: str) -> None:
    await migrated(owner_url, SIGNING_KEY)
    async with line_to(owner_url) as (line, url):
        pool = pool_at(url)
        await who(pool)
        line.freeze()
        with pytest.raises(PostgresUnavailable, match=r"no answer in 0\.3 s"):
            await who(pool, QUICK_S)
        line.thaw()
        assert await who(pool) == BUDGET_LEASE_ROLE
        pool.forget()


async def refused_as(pool: RolePool, tenant: str) -> None:
    """Break a transaction off by an error."""
    async with pool.session(PATIENT_S) as session, session.transaction():
        await session.execute(AS_TENANT, tenant)
        raise ZeroDivisionError


async def test_a_session_keeps_nothing_of_the_transaction_before(owner_url: str) -> None:
    await migrated(owner_url, SIGNING_KEY)
    pool = pool_at(owner_url)
    async with pool.session(PATIENT_S) as session, session.transaction():
        await session.execute(AS_TENANT, "acme")
        backend = await session.fetchval("SELECT pg_backend_pid()")
    with pytest.raises(ZeroDivisionError):
        await refused_as(pool, "zeta")
    async with pool.session(PATIENT_S) as session:
        assert await session.fetchval("SELECT pg_backend_pid()") == backend
        assert not await session.fetchval("SELECT current_setting('moe.tenant', true)")
        assert await session.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0
    pool.forget()
