"""Directory of a gateway, in memory, refreshed from Postgres."""

import logging
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from functools import partial

from libs.adapters.identity.directory_rows import keys_of, users_changed_since
from libs.adapters.identity.directory_snapshot import Snapshot
from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.refresher import OpenSession, PostgresRefresher, RefreshIntervals, RefreshSource
from libs.adapters.postgres.sessions import Connection, checked_address
from libs.core.clock import Clock, SystemClock
from libs.core.database_roles import AUTHENTICATOR_ROLE
from libs.core.errors import Retryable
from libs.ports.identity import Authenticator, Caller
from libs.runtime.settings.identity import STALE_S
from libs.runtime.settings.role_passwords import PasswordSource

log = logging.getLogger(__name__)


class DirectoryUnavailable(Retryable):
    """Keys cannot be checked: Postgres has been unavailable for too long."""

    code = "directory_out_of_reach"


@dataclass(frozen=True, slots=True)
class DirectoryFreshness:
    """`max_staleness_s`: seconds for which cached keys are accepted while Postgres is unavailable."""

    max_staleness_s: float = STALE_S
    intervals: RefreshIntervals = field(default_factory=RefreshIntervals)


class PostgresDirectory:
    """Enter its `watch` before use; it is also the readiness check, and does not wait for Postgres.

    Keys in `always` are valid whatever the directory contains, also while it is unavailable.
    """

    def __init__(
        self,
        open_session: OpenSession,
        always: Authenticator,
        freshness: DirectoryFreshness | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._freshness = freshness or DirectoryFreshness()
        self._clock = clock or SystemClock()
        self._always = always
        self._keys = Snapshot()
        self.watch = PostgresRefresher(
            open_session, RefreshSource("directory", self._reload), self._freshness.intervals, self._clock
        )

    @property
    def keys(self) -> int:
        """Number of valid keys."""
        return len(self._keys)

    @property
    def tenants(self) -> Set[str]:
        return self._keys.tenants

    def authenticate(self, key: str) -> Caller | None:
        """Looks up every key in both places, so that the response time does not reveal the place."""
        always, found = self._always.authenticate(key), self._keys.authenticate(key, self._clock.now())
        if always is not None:
            return always
        if self.watch.age_s > self._freshness.max_staleness_s:
            raise DirectoryUnavailable(f"keys cannot be checked: {self.watch.trouble or 'the directory is silent'}")
        return found

    async def _reload(self, session: Connection, since: int) -> None:
        users = await users_changed_since(session, since) if since else None
        if users is None:
            await self._read_all(session)
        else:
            await self._read_again(session, users)
        log.debug("directory: %d keys, of %s read again", len(self._keys), "all" if users is None else len(users))

    async def _read_all(self, session: Connection) -> None:
        fresh = Snapshot()
        async for key in keys_of(session, None):
            fresh.add(key)
        self._keys = fresh

    async def _read_again(self, session: Connection, users: Sequence[str]) -> None:
        keys = [key async for key in keys_of(session, users)]
        for user in users:
            self._keys.drop(user)
        for key in keys:
            self._keys.add(key)


def directory_at(
    url: str, passwords: PasswordSource, always: Authenticator, freshness: DirectoryFreshness | None = None
) -> PostgresDirectory:
    """Raises ConfigurationError for an invalid address."""
    return PostgresDirectory(partial(logged_in, checked_address(url), passwords, AUTHENTICATOR_ROLE), always, freshness)
