"""Shared parts of the Postgres adapters: session types, durability, time limits, error translation."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TypeAlias

import asyncpg

from libs.adapters.postgres.address import VARIABLE, PostgresAddress
from libs.core.errors import ConfigurationError, Retryable, Unstorable

# Generic in the stubs alone, hence the quotes.
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Session: TypeAlias = "Connection | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

CONNECT_TIMEOUT_S = 5.0
# For the first statement of a transaction: its commit returns when it is on disk, and on a synchronous standby,
# whatever the server's default. No setting of the session: connection poolers refuse it.
DURABLY = "set_config('synchronous_commit', 'on', true)"
# The same for a transaction that may find its rows instead of writing them. Their writer may have been stopped
# before a standby had them, and a commit without a record in the write-ahead log waits for nothing.
DURABLY_FOUND = f"{DURABLY}, pg_logical_emit_message(true, 'moe', '')"
# The first statement of a transaction of one tenant; as a writer, of one that may find its rows.
AS_TENANT = f"SELECT set_config('moe.tenant', $1, true), {DURABLY}"
AS_WRITER = f"SELECT set_config('moe.tenant', $1, true), {DURABLY_FOUND}"
# The server refuses: waiting does not help.
_REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,  # and the wrong password below it
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)
# The server, or the client that encodes for it, cannot take these very values: text with NUL or a lone surrogate, a
# number or a time out of range, what a constraint forbids, an index entry that is too long.
_UNSTORABLE = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)
# A server that stops in the middle of an operation causes the client's own errors.
_AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class PostgresUnavailable(Retryable):
    """Postgres is unreachable, or cannot do this now."""

    code = "postgres_unavailable"


def checked_address(url: str) -> str:
    """Return `url` if valid. Raises ConfigurationError, which never repeats the address: it may hold a password."""
    PostgresAddress.parse(url)
    return url


async def keep_session(_session: Session) -> None:
    """Reset of a pool: nothing. Its sessions set and lock for one transaction only, as poolers require.

    The client's own reset is a round trip after each transaction: five for a question.
    """


@dataclass(frozen=True, slots=True)
class PostgresCheck:
    """A readiness check. `find_problem` returns the problem in one line, or None."""

    find_problem: Callable[[], Awaitable[str | None]]
    name: str = "postgres"
    required: bool = True

    async def __call__(self) -> str | None:
        return await self.find_problem()


@contextmanager
def translated() -> Iterator[None]:
    """Translate asyncpg's errors: Unstorable for rejected values, ConfigurationError for refused access.

    All others become PostgresUnavailable. The text of Unstorable never has the values: they may quote a question.
    """
    try:
        yield
    except _UNSTORABLE as error:
        raise Unstorable(f"Postgres does not take a value ({type(error).__name__})") from error
    except (*_REFUSED, asyncpg.ClientConfigurationError) as error:
        raise ConfigurationError(f"{VARIABLE}: {_one_line(error)}") from error
    except _AWAY as error:
        raise PostgresUnavailable(f"Postgres: {_one_line(error)}") from error


@asynccontextmanager
async def answered_within(seconds: float, session: Session) -> AsyncIterator[None]:
    """Bound statements. At the limit, raises PostgresUnavailable and closes the session: its server may never answer.

    Sends no cancellation: that would end a commit's wait for a standby, and leave the commit.
    """
    try:
        async with asyncio.timeout(seconds):
            with hung_up_when_cancelled(session):
                yield
    except TimeoutError as error:
        raise PostgresUnavailable(f"Postgres: no answer in {seconds:g} s") from error


@contextmanager
def hung_up_when_cancelled(connection: Session) -> Iterator[None]:
    """Close the connection of a cancelled statement: a graceful end would wait for a server that may be the cause."""
    try:
        yield
    except asyncio.CancelledError:
        connection.terminate()
        raise


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
