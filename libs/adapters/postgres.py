"""What every Postgres adapter shares: addresses, and which errors mean that the world is down."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

import asyncpg

from libs.core.errors import ConfigurationError, Retryable, Unstorable

# Generic in the stubs alone, hence the quotes.
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Session: TypeAlias = "Connection | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

CONNECT_TIMEOUT_S = 5.0
_VARIABLE = "POSTGRES_CHECKPOINT_URL"
_SCHEMES = ("postgresql", "postgres")
# The server answers and says no: waiting does not help.
_REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,  # and the wrong password below it
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)
# The server, or the client that encodes for it, cannot take these very values: text with NUL or a lone surrogate, a
# number or a time out of range, what a constraint forbids, an index entry that is too long.
_UNSTORABLE = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)
# The client's own confusion comes from a server that dies in the middle of an operation.
_AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class PostgresUnavailable(Retryable):
    """Postgres cannot be reached, or cannot do this now."""

    code = "postgres_unavailable"


def checked_address(url: str) -> str:
    """Return `url`. Raises ConfigurationError, which never repeats the address: it may hold a password."""
    if not url:
        raise ConfigurationError(f"{_VARIABLE}: not set; give an address such as postgresql://user@127.0.0.1:5432/moe")
    try:
        parts = urlsplit(url)
        valid = parts.scheme in _SCHEMES and bool(parts.netloc or parts.query or parts.path.strip("/"))
    except ValueError:
        valid = False
    if not valid:
        raise ConfigurationError(f"{_VARIABLE}: not a postgresql:// or postgres:// address")
    return url


@dataclass(frozen=True, slots=True)
class PostgresCheck:
    """A readiness check. `ask` returns what is wrong in one line, or None."""

    ask: Callable[[], Awaitable[str | None]]
    name: str = "postgres"
    required: bool = True

    async def __call__(self) -> str | None:
        return await self.ask()


@contextmanager
def translated() -> Iterator[None]:
    """Turn asyncpg's errors into ours: Unstorable where it refuses the values of a statement, ConfigurationError where
    it refuses us, else PostgresUnavailable.

    The text of Unstorable never has the values: they may quote a question.
    """
    try:
        yield
    except _UNSTORABLE as error:
        raise Unstorable(f"Postgres does not take a value ({type(error).__name__})") from error
    except (*_REFUSED, asyncpg.ClientConfigurationError) as error:
        raise ConfigurationError(f"{_VARIABLE}: {_one_line(error)}") from error
    except _AWAY as error:
        raise PostgresUnavailable(f"Postgres: {_one_line(error)}") from error


@contextmanager
def hung_up_when_cancelled(connection: Session) -> Iterator[None]:
    """Close the connection of a cancelled statement, which would else wait for a server that may be the reason."""
    try:
        yield
    except asyncio.CancelledError:
        connection.terminate()
        raise


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
