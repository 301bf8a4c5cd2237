"""Sessions under one of the database roles."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from libs.adapters.postgres.connection import connect, connected, with_passwords
from libs.adapters.postgres.role_passwords import NOT_THE_KEY, may_log_in
from libs.adapters.postgres.sessions import CONNECT_TIMEOUT_S, Connection, PostgresUnavailable, translated
from libs.core.errors import ConfigurationError
from libs.runtime.settings.role_passwords import PasswordSource, passwords_of

_NO_LOGIN = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InsufficientPrivilegeError)


@asynccontextmanager
async def logged_in(
    url: str, passwords: PasswordSource, role: str, *, answer_s: float | None = None
) -> AsyncIterator[Connection]:
    """Open a session of `role` in the database of `url`, whatever role `url` names. `answer_s` bounds each statement.

    Raises ConfigurationError if the database holds no journal or the role cannot log in, and PostgresUnavailable.
    """
    with translated():
        connection = await _opened(url, role, passwords, answer_s)
        try:
            yield connection
        except asyncpg.UndefinedTableError as error:
            raise ConfigurationError("POSTGRES_CHECKPOINT_URL: this database holds no journal") from error
        finally:
            await connection.close(timeout=CONNECT_TIMEOUT_S)


async def _opened(url: str, role: str, passwords: PasswordSource, answer_s: float | None) -> Connection:
    settings = {"application_name": role.replace("_", " ")}

    async def log_in(password: str) -> Connection:
        options = {"server_settings": settings, "command_timeout": answer_s}
        return await connect(url, user=role, password=password, **options)

    try:
        return await with_passwords(passwords_of(passwords, role), log_in)
    except _NO_LOGIN as error:
        raise ConfigurationError(await _reason(url, role, error)) from error


async def _reason(url: str, role: str, error: asyncpg.PostgresError) -> str:
    try:
        async with connected(url, {}) as connection:
            if await connection.fetchval("SELECT to_regclass('moe.journal')") is None:
                return "POSTGRES_CHECKPOINT_URL: this database holds no journal"
            may = await may_log_in(connection, role)
    except (ConfigurationError, PostgresUnavailable) as trouble:
        return str(trouble)
    if not may:
        return f"POSTGRES_CHECKPOINT_URL: the role {role} cannot log in yet; run `moe migrate` as the owner"
    if isinstance(error, asyncpg.InvalidPasswordError):
        return NOT_THE_KEY
    return f"POSTGRES_CHECKPOINT_URL: the role {role} cannot log in: {error}"
