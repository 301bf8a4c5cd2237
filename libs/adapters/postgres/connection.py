"""Opens connections to Postgres: to the server of several that takes writes, or through a connection pooler."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg

from libs.adapters.postgres.address import VARIABLE, PostgresAddress
from libs.adapters.postgres.sessions import CONNECT_TIMEOUT_S, Connection, Session, translated
from libs.core.errors import ConfigurationError

T = TypeVar("T")
# Delay before the next server is tried in parallel: a lost server refuses no connection (RFC 8305).
HEAD_START_S = 0.25
_BACKEND = "SELECT pg_backend_pid()"
_SHARED_NAMES = (asyncpg.DuplicatePreparedStatementError, asyncpg.InvalidSQLStatementNameError)
# PgBouncer has one code for all refusals.
_WRONG_LOGIN = ("authentication failed", "no such user")
_NO_DATABASE = "does not exist"
_REFUSED = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)

Attempt = Callable[[], Awaitable[Connection]]
if TYPE_CHECKING:
    _Connection = asyncpg.Connection[asyncpg.Record]
else:
    _Connection = asyncpg.Connection


class PooledConnection(_Connection):
    """Every transaction may run in another session: no statement stays prepared, no NOTIFY arrives."""


def can_listen(session: Session) -> bool:
    """True if notifications arrive in this session."""
    return not issubclass(
        type(session), PooledConnection
    )  # asyncpg counts every connection as an instance of each class


async def connect(url: str, **options: Any) -> Connection:  # noqa: ANN401 - asyncpg's
    """Connect as asyncpg does; `timeout` applies to each server. Raises its errors and ConfigurationError."""
    address = PostgresAddress.parse(url)
    options = {"timeout": CONNECT_TIMEOUT_S, **options}
    if not address.has_sessions:
        options |= {"statement_cache_size": 0, "connection_class": PooledConnection}
    attempts = [partial(_connect_to, each, address, options) for each in address.urls]
    return await attempts[0]() if len(attempts) == 1 else await _first_of(attempts)


async def with_passwords(passwords: tuple[str, ...], log_in: Callable[[str], Awaitable[T]]) -> T:
    """Log in with the first password that is accepted. Raises what the last one raises."""
    for password in passwords[:-1]:
        try:
            return await log_in(password)
        except asyncpg.InvalidPasswordError:
            continue
    return await log_in(passwords[-1])


async def connect_with(passwords: tuple[str, ...], url: str, **options: Any) -> Connection:  # noqa: ANN401 - asyncpg's
    """`connect` of a pool: uses the first password that is accepted."""

    async def log_in(password: str) -> Connection:
        return await connect(url, **(options | {"password": password}))

    return await with_passwords(passwords, log_in)


@asynccontextmanager
async def connected(url: str, settings: Mapping[str, str]) -> AsyncIterator[Connection]:
    """Open one connection for the block. Raises ConfigurationError and PostgresUnavailable."""
    with translated():
        connection = await connect(url, server_settings=dict(settings))
        try:
            yield connection
        finally:
            await connection.close(timeout=CONNECT_TIMEOUT_S)


async def _connect_to(url: str, address: PostgresAddress, options: dict[str, Any]) -> Connection:
    if address.pool_mode:
        return await _logged_in_by_pooler(url, options)
    connection: Connection = await asyncpg.connect(url, **options)
    try:
        pooled = await _is_pooled(connection, options["timeout"])
    except BaseException:
        connection.terminate()
        raise
    if pooled:
        connection.terminate()
        text = "this is the address of a connection pooler; add pool_mode=transaction or pool_mode=session to it"
        raise ConfigurationError(f"{VARIABLE}: {text}")
    return connection


async def _logged_in_by_pooler(url: str, options: dict[str, Any]) -> Connection:
    try:
        connection: Connection = await asyncpg.connect(url, **options)
    except asyncpg.ProtocolViolationError as error:
        if any(words in str(error) for words in _WRONG_LOGIN):
            raise asyncpg.InvalidPasswordError(f"password authentication failed: {error}") from error
        if _NO_DATABASE in str(error):
            raise asyncpg.InvalidCatalogNameError(str(error)) from error
        raise
    return connection


async def _is_pooled(connection: Connection, timeout_s: float) -> bool:
    """True if the backend has another process id than the login reported: a pooler invents its own."""
    try:
        return bool(await connection.fetchval(_BACKEND, timeout=timeout_s) != connection.get_server_pid())
    except _SHARED_NAMES:
        return True


async def _first_of(attempts: Sequence[Attempt]) -> Connection:
    """Each attempt starts HEAD_START_S after the one before, or when that one fails."""
    loop = asyncio.get_running_loop()
    left = list(attempts)
    tasks: list[asyncio.Task[Connection]] = []
    chosen: asyncio.Task[Connection] | None = None
    try:
        while chosen is None:
            if left:
                tasks.append(loop.create_task(_awaited(left.pop(0))))
            if not (running := [task for task in tasks if not task.done()]) and not left:
                break
            if running:
                head_start_s = HEAD_START_S if left else None
                await asyncio.wait(running, timeout=head_start_s, return_when=asyncio.FIRST_COMPLETED)
            chosen = next((task for task in tasks if task.done() and task.exception() is None), None)
    finally:
        await _close_all([task for task in tasks if task is not chosen])
    if chosen is not None:
        return chosen.result()
    raise _most_specific([error for task in tasks if (error := task.exception()) is not None])


async def _awaited(attempt: Attempt) -> Connection:
    return await attempt()


async def _close_all(tasks: Sequence[asyncio.Task[Connection]]) -> None:
    for task in tasks:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(ended, asyncpg.Connection):
            ended.terminate()


def _most_specific(errors: Sequence[BaseException]) -> BaseException:
    """A wrong password first, because the caller tries another one; else a transient error while one server may
    recover."""
    wrong = [error for error in errors if isinstance(error, asyncpg.InvalidPasswordError)]
    passing = [error for error in errors if not isinstance(error, (*_REFUSED, ConfigurationError))]
    return next(iter((*wrong, *passing, *errors)))
