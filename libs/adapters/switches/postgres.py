"""Tool switches in Postgres, for all instances of an installation, cached in memory."""

import asyncio
from functools import partial

from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.refresher import OpenSession, PostgresRefresher, RefreshIntervals, RefreshSource
from libs.adapters.postgres.sessions import Connection, PostgresUnavailable, checked_address
from libs.core.database_roles import TOOL_ADMIN_ROLE
from libs.core.errors import Retryable
from libs.runtime.settings.role_passwords import PasswordSource

TURN_S = 5.0  # an admin waits for it
_OFF = "SELECT name FROM moe.switched_off"
_TURN_OFF = "INSERT INTO moe.switched_off (name) VALUES ($1) ON CONFLICT DO NOTHING"
_TURN_ON = "DELETE FROM moe.switched_off WHERE name = $1"
_ACT = "INSERT INTO moe.audit_outbox (tenant, action, actor, target) VALUES ($1, $2, $3, $4)"


class SwitchesUnread(Retryable):
    """Nothing is loaded yet. Ignoring that would enable disabled tools."""

    code = "switches_unread"


class PostgresSwitches:
    """Enter its `watch` before use; it is also the readiness check, and does not wait for Postgres.

    While Postgres is unavailable, the last loaded state stays. Changes are recorded in the audit of `tenant`.
    """

    def __init__(self, open_session: OpenSession, tenant: str, pace: RefreshIntervals | None = None) -> None:
        self._open_session = open_session
        self._tenant = tenant
        self._off: frozenset[str] = frozenset()
        self.watch = PostgresRefresher(open_session, RefreshSource("switches", self._reload), pace)

    def off(self, name: str) -> bool:
        """Raises SwitchesUnread."""
        if not self.watch.loaded:
            raise SwitchesUnread(
                f"the switched-off tools are not known yet: {self.watch.trouble or 'it is being read'}"
            )
        return name in self._off

    async def turn(self, name: str, actor: str, *, on: bool) -> None:
        """Raises PostgresUnavailable and ConfigurationError."""
        try:
            async with asyncio.timeout(TURN_S):
                await self._store(name, actor, on=on)
        except TimeoutError as error:
            raise PostgresUnavailable(f"Postgres: no answer in {TURN_S:g} s") from error
        self._off = self._off - {name} if on else self._off | {name}

    async def _store(self, name: str, actor: str, *, on: bool) -> None:
        async with self._open_session() as session, session.transaction():
            changed = await session.execute(_TURN_ON if on else _TURN_OFF, name)
            if not changed.endswith(" 0"):
                await session.execute(_ACT, self._tenant, f"tool-{'enabled' if on else 'disabled'}", actor, name)

    async def _reload(self, session: Connection, _since: int) -> None:
        self._off = frozenset(row["name"] for row in await session.fetch(_OFF))


def switches_at(url: str, passwords: PasswordSource, tenant: str) -> PostgresSwitches:
    """Raises ConfigurationError for an invalid address."""
    return PostgresSwitches(partial(logged_in, checked_address(url), passwords, TOOL_ADMIN_ROLE), tenant)
