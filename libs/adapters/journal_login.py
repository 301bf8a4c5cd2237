"""Sessions under one of the journal's roles, for whoever reads it, seals it or takes content away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from libs.adapters.journal_pool import connected
from libs.adapters.postgres import CONNECT_TIMEOUT_S, Connection, PostgresUnavailable, checked_address, translated
from libs.adapters.postgres_role import derived_password
from libs.core.errors import ConfigurationError

_NO_LOGIN = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InsufficientPrivilegeError)


@asynccontextmanager
async def logged_in(url: str, signing_key: str, role: str) -> AsyncIterator[Connection]:
    """Open a session of `role` in the database of `url`, whoever's address that is.

    Raises ConfigurationError when the database holds no journal or the role cannot log in, and PostgresUnavailable.
    """
    with translated():
        connection = await _opened(url, role, derived_password(signing_key, role))
        try:
            yield connection
        except asyncpg.UndefinedTableError as error:
            raise ConfigurationError("POSTGRES_CHECKPOINT_URL: this database holds no journal") from error
        finally:
            await connection.close(timeout=CONNECT_TIMEOUT_S)


async def _opened(url: str, role: str, password: str) -> Connection:
    settings = {"application_name": role.replace("_", " ")}
    try:
        return await asyncpg.connect(
            checked_address(url), user=role, password=password, timeout=CONNECT_TIMEOUT_S, server_settings=settings
        )
    except _NO_LOGIN as error:
        raise ConfigurationError(f"POSTGRES_CHECKPOINT_URL: {await _reason(url, role)}") from error


async def _reason(url: str, role: str) -> str:
    try:
        async with connected(url, {}) as connection:
            if await connection.fetchval("SELECT to_regclass('moe.journal')") is None:
                return "this database holds no journal"
    except (ConfigurationError, PostgresUnavailable) as error:
        return str(error).removeprefix("POSTGRES_CHECKPOINT_URL: ")
    return f"the role {role} cannot log in; run `moe migrate` with this MOE_SIGNING_KEY"
