"""Writes to the directory: sessions of one tenant, with audit records."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import asyncpg

from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.sessions import AS_TENANT, Session
from libs.core.database_roles import DIRECTORY_ADMIN_ROLE
from libs.core.errors import Rejected
from libs.ports.directory import Holder, HolderKind
from libs.runtime.settings.role_passwords import PasswordSource

_IS_THERE = "SELECT EXISTS (SELECT FROM moe.tenants WHERE tenant = $1)"
_ACT = "INSERT INTO moe.audit_outbox (tenant, action, actor, target, detail) VALUES ($1, $2, $3, $4, $5)"
# A match by id precedes a match by name.
_IDS: dict[HolderKind, str] = {
    "user": "SELECT user_id FROM moe.users WHERE $1 IN (user_id, name) ORDER BY user_id = $1 DESC LIMIT 1",
    "team": "SELECT team_id FROM moe.teams WHERE $1 IN (team_id, name) ORDER BY team_id = $1 DESC LIMIT 1",
    "key": "SELECT lookup FROM moe.api_keys WHERE lookup = $1",
}


class NotInDirectory(Rejected):
    """The directory has no entry of that name."""

    code = "not_in_directory"


class UnknownTenant(NotInDirectory):
    """The directory has no tenant of that name."""

    code = "unknown_tenant"


class AlreadyInDirectory(Rejected):
    """The name is taken."""

    code = "already_in_directory"


class UnfitName(Rejected):
    """The name breaks the directory's rules."""

    code = "unfit_name"


@dataclass(frozen=True, slots=True)
class DirectoryWriter:
    """Writes the directory of one tenant. `actor` is recorded in the audit."""

    url: str
    passwords: PasswordSource
    tenant: str
    actor: str

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Open a transaction limited to this tenant.

        Raises UnknownTenant, ConfigurationError and PostgresUnavailable.
        """
        async with self.new_tenant_session() as session:
            if not await session.fetchval(_IS_THERE, self.tenant):
                raise UnknownTenant(f"there is no tenant {self.tenant!r}")
            yield session

    @asynccontextmanager
    async def new_tenant_session(self) -> AsyncIterator[Session]:
        """As `session`, for a tenant that may not exist yet; never raises UnknownTenant."""
        async with logged_in(self.url, self.passwords, DIRECTORY_ADMIN_ROLE) as session, session.transaction():
            await session.execute(AS_TENANT, self.tenant)
            yield session

    async def record_audit(self, session: Session, action: str, target: str, detail: str = "") -> None:
        """Writes in the caller's transaction. `detail` must not name a person."""
        await session.execute(_ACT, self.tenant, action, self.actor, target, detail)

    async def id_of(self, session: Session, holder: Holder) -> str:
        """Resolve an id, or a name of a user or team, of this tenant. Raises NotInDirectory."""
        found = await session.fetchval(_IDS[holder.kind], holder.name)
        if found is None:
            raise NotInDirectory(f"tenant {self.tenant} has no {holder.kind} {holder.name!r}")
        return str(found)


@contextmanager
def translated_errors(what: str, name: str) -> Iterator[None]:
    """Translate constraint violations to AlreadyInDirectory, UnfitName and NotInDirectory."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise AlreadyInDirectory(f"{what} {name!r} is there already") from error
    except asyncpg.CheckViolationError as error:
        raise UnfitName(f"{name!r} does not fit as {what}: lower-case letters, digits, - and _, 63 at most") from error
    except asyncpg.ForeignKeyViolationError as error:
        raise NotInDirectory(f"there is no {what} {name!r}") from error
