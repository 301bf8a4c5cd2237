"""Prepares the journal for writing: tables, role, and a pool that can only insert and read."""

import logging
from dataclasses import dataclass
from functools import partial

import asyncpg

from libs.adapters.journal.restored import renumber_if_restored
from libs.adapters.postgres.connection import connect, connected
from libs.adapters.postgres.migrate import applied_in, migrate, pending, shipped
from libs.adapters.postgres.role_passwords import (
    NOT_THE_KEY,
    Passwords,
    passwords_in,
    set_new_role_passwords,
    set_role_passwords,
)
from libs.adapters.postgres.role_rights import may_migrate, require_append_only
from libs.adapters.postgres.sessions import CONNECT_TIMEOUT_S, Connection, Pool, keep_session, translated
from libs.core.database_roles import JOURNAL_ROLE
from libs.core.errors import ConfigurationError
from libs.runtime.settings.role_passwords import PasswordSource, current_password

_POOL_SIZE = 2  # one batch in flight, one readiness check
_SETTINGS = {"application_name": "moe journal"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Migrated:
    """The applied migrations, and the key of the roles' previous passwords."""

    applied: tuple[str, ...]
    passwords: Passwords


async def open_journal_pool(url: str, passwords: PasswordSource) -> Pool:
    """Open a pool whose sessions can only add rows of their tenant.

    With an owner's `url`: migrates, then logs in as the journal's role with the password of `passwords`. With any other
    role's `url`: uses it as it is. Raises PostgresUnavailable, and ConfigurationError if the role has more or fewer
    permissions or tables are missing.
    """
    async with connected(url, _SETTINGS) as connection:
        owner = await may_migrate(connection)
        if owner:
            await _set_up_at_start(connection, url, passwords)
        else:
            await _require_tables(connection)
    login = (JOURNAL_ROLE, current_password(passwords, JOURNAL_ROLE)) if owner else (None, None)
    with translated():
        return await _checked_pool(url, *login)


async def migrated(url: str, passwords: PasswordSource, *, replace_passwords: bool = False) -> Migrated:
    """Migrate as the owner and set the passwords of the journal's roles.

    Idempotent. Raises PostgresUnavailable, and ConfigurationError, also if `url` is not an owner's, or if the roles
    have passwords of another key and `replace_passwords` is false.
    """
    async with connected(url, _SETTINGS) as connection:
        if not await may_migrate(connection):
            raise ConfigurationError("POSTGRES_CHECKPOINT_URL: this role does not own the schema moe")
        found = await passwords_in(connection, url, passwords)
        if found == "another key's" and not replace_passwords:
            raise ConfigurationError(NOT_THE_KEY)
        applied = await _migrate(connection)
        await set_role_passwords(connection, passwords)
        return Migrated(applied, found)


async def _set_up_at_start(owner: Connection, url: str, passwords: PasswordSource) -> None:
    """Set up at service start; passwords of another key are replaced by those of the current one."""
    found = await passwords_in(owner, url, passwords)
    if found == "another key's":
        log.warning("the passwords of the database's roles are replaced: they were made of another MOE_DATABASE_KEY")
    await _migrate(owner)
    await (set_new_role_passwords if found == "current" else set_role_passwords)(owner, passwords)


async def _migrate(owner: Connection) -> tuple[str, ...]:
    applied = await migrate(owner)
    await renumber_if_restored(owner)
    return applied


async def _require_tables(connection: Connection) -> None:
    if missing := pending(shipped(), await applied_in(connection)):
        raise ConfigurationError(
            f"POSTGRES_CHECKPOINT_URL: migration {missing[0].name} is missing; run `moe migrate` as the owner"
        )


async def _checked_pool(url: str, user: str | None, password: str | None) -> Pool:
    pool = await asyncpg.create_pool(
        url,
        reset=keep_session,
        connect=partial(connect),  # the stubs require more parameters than the pool passes
        user=user,
        password=password,
        min_size=1,
        max_size=_POOL_SIZE,
        timeout=CONNECT_TIMEOUT_S,
        server_settings=_SETTINGS,
    )
    try:
        async with pool.acquire(timeout=CONNECT_TIMEOUT_S) as connection:
            await require_append_only(connection)
    except BaseException:
        pool.terminate()
        raise
    return pool
