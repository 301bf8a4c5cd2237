"""Connection pools under one of the database roles."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import asyncpg

from libs.adapters.postgres.connection import connect_with
from libs.adapters.postgres.sessions import (
    CONNECT_TIMEOUT_S,
    Pool,
    PostgresUnavailable,
    Session,
    checked_address,
    hung_up_when_cancelled,
    keep_session,
    translated,
)
from libs.core.errors import ConfigurationError
from libs.runtime.settings.role_passwords import PasswordSource, passwords_of


@dataclass(frozen=True, slots=True)
class RoleLogin:
    """A role, the server settings of its sessions, and their maximum number."""

    role: str
    settings: Mapping[str, str]
    sessions: int = 1


class RolePool:
    """Opens at its first use. After an error it drops its connections, and the next use logs in again.

    That covers a server that was unavailable, and a role that a migration has created meanwhile.
    """

    def __init__(self, url: str, passwords: PasswordSource, login: RoleLogin) -> None:
        self._url = checked_address(url)
        self._passwords = passwords_of(passwords, login.role)
        self._login = login
        self._pool: Pool | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def session(self, within_s: float) -> AsyncIterator[Session]:
        """Yield a session for `within_s` seconds at most, login included. For one transaction, or one statement.

        Raises ConfigurationError, and PostgresUnavailable also at the time limit.
        """
        try:
            async with asyncio.timeout(within_s):
                with translated():
                    async with (await self._opened()).acquire() as session:
                        with hung_up_when_cancelled(session):
                            yield session
        except TimeoutError as error:
            self.forget()
            raise PostgresUnavailable(f"Postgres: no answer in {within_s:g} s") from error
        except (PostgresUnavailable, ConfigurationError):
            self.forget()
            raise

    def forget(self) -> None:
        """Terminate all connections at once."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()

    async def _opened(self) -> Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._url,
                    user=self._login.role,
                    connect=partial(connect_with, self._passwords),
                    reset=keep_session,
                    min_size=1,
                    max_size=self._login.sessions,
                    timeout=CONNECT_TIMEOUT_S,
                    server_settings=dict(self._login.settings),
                )
            return self._pool
