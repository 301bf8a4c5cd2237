"""A directory as a gateway keeps it, and the offices that write it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import asyncpg

from libs.adapters.identity.directory_writer import DirectoryWriter
from libs.adapters.identity.grants import Permissions
from libs.adapters.identity.keys import Keys
from libs.adapters.identity.postgres_directory import DirectoryFreshness, PostgresDirectory
from libs.adapters.identity.users import UserStore
from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.refresher import OpenSession, RefreshIntervals
from libs.core.clock import Clock, SystemClock
from libs.core.database_roles import AUTHENTICATOR_ROLE
from libs.ports.directory import Grant, Holder
from libs.ports.identity import Caller
from libs.runtime.settings.static_keys import StaticKeys, owner_of
from libs.testing.keys import API_KEY, SIGNING_KEY
from libs.testing.waiting import eventually

BOOTSTRAP = API_KEY
QUICK = DirectoryFreshness(intervals=RefreshIntervals(look_every_s=0.2, look_timeout_s=30.0, pause_s=0.05))


class MovableClock(SystemClock):
    """The machine's clock, of which a test can put either reading forward."""

    def __init__(self) -> None:
        self.now_ahead_s = self.monotonic_ahead_s = 0.0

    def now(self) -> float:
        return super().now() + self.now_ahead_s

    def monotonic(self) -> float:
        return super().monotonic() + self.monotonic_ahead_s


class Registry:
    """Everything that an operator can do in one tenant."""

    def __init__(self, url: str, tenant: str = "default") -> None:
        office = DirectoryWriter(url, SIGNING_KEY, tenant, "ada")
        self.url, self.tenant = url, tenant
        self.people, self.keys, self.permissions = UserStore(office), Keys(office), Permissions(office)

    async def grant_user(self, user: str, kind: str, resource: str) -> None:
        await self.permissions.grant(Holder("user", user), _grant(kind, resource))

    async def withdraw_from_user(self, user: str, kind: str, resource: str) -> None:
        await self.permissions.withdraw(Holder("user", user), _grant(kind, resource))

    async def grant_team(self, team: str, kind: str, resource: str) -> None:
        await self.permissions.grant(Holder("team", team), _grant(kind, resource))


def authenticator(url: str) -> OpenSession:
    return partial(logged_in, url, SIGNING_KEY, AUTHENTICATOR_ROLE)


@asynccontextmanager
async def directory(
    open_session: OpenSession, trust: DirectoryFreshness = QUICK, clock: Clock | None = None
) -> AsyncIterator[PostgresDirectory]:
    """Yield the directory of a gateway when it has read its keys."""
    always = StaticKeys.of({BOOTSTRAP: owner_of("default")})
    authenticator = PostgresDirectory(open_session, always, trust, clock)
    async with authenticator.watch as watch:
        await eventually(lambda: watch.loaded)
        yield authenticator


async def opens(authenticator: PostgresDirectory, key: str) -> Caller:
    await eventually(lambda: authenticator.authenticate(key) is not None)
    caller = authenticator.authenticate(key)
    assert caller is not None
    return caller


async def silence(owner_url: str) -> None:
    """Let changes raise the version without a notification."""
    owner = await asyncpg.connect(owner_url)
    source = await owner.fetchval("SELECT pg_get_functiondef('moe.note_directory_change'::regproc)")
    assert "PERFORM pg_notify" in source
    await owner.execute(source.replace("PERFORM pg_notify", "PERFORM concat"))
    await owner.close()


def _grant(kind: str, resource: str) -> Grant:
    return Grant(kind, resource)  # type: ignore[arg-type]  # tests write the kind as a word
