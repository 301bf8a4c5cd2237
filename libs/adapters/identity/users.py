"""Tenants, users and teams in the directory."""

import secrets
from collections.abc import Sequence

import asyncpg

from libs.adapters.identity.directory_writer import DirectoryWriter, UnfitName, translated_errors
from libs.adapters.identity.grants import write_grant
from libs.adapters.postgres.sessions import Session
from libs.ports.directory import Grant, Holder, Team, Tenant, User

_USER_PREFIX, _TEAM_PREFIX = "usr-", "team-"
_CREATE_TENANT = "INSERT INTO moe.tenants (tenant, title) VALUES ($1, $2)"
_TENANTS = "SELECT tenant, title FROM moe.tenants ORDER BY tenant"
_CREATE_USER = "INSERT INTO moe.users (user_id, tenant, name) VALUES ($1, $2, $3)"
_CREATE_TEAM = "INSERT INTO moe.teams (team_id, tenant, name) VALUES ($1, $2, $3)"
_JOIN = "INSERT INTO moe.memberships (tenant, team_id, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_LEAVE = "DELETE FROM moe.memberships WHERE team_id = $1 AND user_id = $2"
_INVITE = "INSERT INTO moe.guests (tenant, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_UNINVITE = "DELETE FROM moe.guests WHERE tenant = $1 AND user_id = $2"
_DISABLE = "UPDATE moe.users SET disabled_at = CASE WHEN $2 THEN coalesce(disabled_at, now()) END WHERE user_id = $1"
_FORGET = "UPDATE moe.users SET name = user_id, disabled_at = coalesce(disabled_at, now()) WHERE user_id = $1"
_END_KEYS = "UPDATE moe.api_keys SET name = '', revoked_at = coalesce(revoked_at, now()) WHERE user_id = $1"
_USERS = """
SELECT u.user_id, u.tenant, u.name, u.disabled_at IS NOT NULL AS disabled,
    ARRAY(SELECT t.name FROM moe.memberships m JOIN moe.teams t USING (team_id) WHERE m.user_id = u.user_id
        ORDER BY t.name) AS teams,
    ARRAY(SELECT ARRAY[kind, resource] FROM moe.grants g WHERE g.user_id = u.user_id ORDER BY kind, resource) AS grants
FROM moe.users u ORDER BY u.name
"""
_TEAMS = """
SELECT t.team_id, t.tenant, t.name,
    ARRAY(SELECT u.name FROM moe.memberships m JOIN moe.users u USING (user_id) WHERE m.team_id = t.team_id
        ORDER BY u.name) AS members,
    ARRAY(SELECT ARRAY[kind, resource] FROM moe.grants g WHERE g.team_id = t.team_id ORDER BY kind, resource) AS grants
FROM moe.teams t ORDER BY t.name
"""


class UserStore:
    def __init__(self, writer: DirectoryWriter) -> None:
        self._writer = writer

    async def create_tenant(self, title: str = "") -> Tenant:
        """Create the writer's tenant. Raises AlreadyInDirectory and UnfitName."""
        tenant = self._writer.tenant
        async with self._writer.new_tenant_session() as session:
            with translated_errors("tenant", tenant):
                await session.execute(_CREATE_TENANT, tenant, title)
            await self._writer.record_audit(session, "tenant-created", tenant)
        return Tenant(tenant, title)

    async def tenants(self) -> tuple[Tenant, ...]:
        async with self._writer.session() as session:
            return tuple(Tenant(row["tenant"], row["title"]) for row in await session.fetch(_TENANTS))

    async def create_user(self, name: str, teams: Sequence[str] = (), grants: tuple[Grant, ...] = ()) -> User:
        """Create a user with the grants of its teams and its own; all or nothing.

        Raises NotInDirectory for a missing tenant or team, AlreadyInDirectory and UnfitName.
        """
        if name.startswith(_USER_PREFIX):
            raise UnfitName(f"{name!r} does not fit as user: names that begin with {_USER_PREFIX} are ids")
        user_id = f"{_USER_PREFIX}{secrets.token_hex(10)}"
        async with self._writer.session() as session:
            with translated_errors("user", name):
                await session.execute(_CREATE_USER, user_id, self._writer.tenant, name)
            await self._writer.record_audit(session, "user-created", user_id)
            for team in teams:
                await self._join(session, team, user_id)
            for each in grants:
                await write_grant(self._writer, session, Holder("user", user_id), each)
        return User(user_id, self._writer.tenant, name, teams=tuple(teams), grants=grants)

    async def users(self) -> tuple[User, ...]:
        """The users of the tenant, by name."""
        async with self._writer.session() as session:
            return tuple(_user(row) for row in await session.fetch(_USERS))

    async def set_enabled(self, user: str, *, allowed: bool) -> None:
        """Enable or disable all keys of a user. Raises NotInDirectory."""
        async with self._writer.session() as session:
            user_id = await self._writer.id_of(session, Holder("user", user))
            await session.execute(_DISABLE, user_id, not allowed)
            await self._writer.record_audit(session, "user-enabled" if allowed else "user-disabled", user_id)

    async def forget(self, user: str) -> str:
        """Revoke all keys of a user for good and erase the name; return the id, which stays. Raises NotInDirectory."""
        async with self._writer.session() as session:
            user_id = await self._writer.id_of(session, Holder("user", user))
            await session.execute(_FORGET, user_id)
            await session.execute(_END_KEYS, user_id)
            await self._writer.record_audit(session, "user-forgotten", user_id)
        return user_id

    async def create_team(self, name: str) -> Team:
        """Add a team without members. Raises AlreadyInDirectory, UnfitName, NotInDirectory."""
        team_id = f"{_TEAM_PREFIX}{secrets.token_hex(10)}"
        async with self._writer.session() as session:
            with translated_errors("team", name):
                await session.execute(_CREATE_TEAM, team_id, self._writer.tenant, name)
            await self._writer.record_audit(session, "team-created", team_id)
        return Team(team_id, self._writer.tenant, name)

    async def teams(self) -> tuple[Team, ...]:
        """The teams of the tenant, by name."""
        async with self._writer.session() as session:
            return tuple(_team(row) for row in await session.fetch(_TEAMS))

    async def join(self, team: str, user: str) -> None:
        """Raises NotInDirectory."""
        async with self._writer.session() as session:
            await self._join(session, team, await self._writer.id_of(session, Holder("user", user)))

    async def leave(self, team: str, user: str) -> None:
        """Raises NotInDirectory."""
        async with self._writer.session() as session:
            team_id = await self._writer.id_of(session, Holder("team", team))
            user_id = await self._writer.id_of(session, Holder("user", user))
            await session.execute(_LEAVE, team_id, user_id)
            await self._writer.record_audit(session, "member-removed", team_id, user_id)

    async def invite(self, user_id: str) -> None:
        """Allow a user of another tenant, by id, to read this tenant's graph. Raises NotInDirectory."""
        async with self._writer.session() as session:
            with translated_errors("user", user_id):
                await session.execute(_INVITE, self._writer.tenant, user_id)
            await self._writer.record_audit(session, "guest-invited", user_id)

    async def uninvite(self, user_id: str) -> None:
        """Revoke the access of `invite`."""
        async with self._writer.session() as session:
            await session.execute(_UNINVITE, self._writer.tenant, user_id)
            await self._writer.record_audit(session, "guest-removed", user_id)

    async def _join(self, session: Session, team: str, user_id: str) -> None:
        team_id = await self._writer.id_of(session, Holder("team", team))
        await session.execute(_JOIN, self._writer.tenant, team_id, user_id)
        await self._writer.record_audit(session, "member-added", team_id, user_id)


def grants_in(row: asyncpg.Record) -> tuple[Grant, ...]:
    return tuple(Grant(kind, resource) for kind, resource in row["grants"])


def _user(row: asyncpg.Record) -> User:
    teams = tuple(row["teams"])
    return User(row["user_id"], row["tenant"], row["name"], row["disabled"], teams, grants_in(row))


def _team(row: asyncpg.Record) -> Team:
    return Team(row["team_id"], row["tenant"], row["name"], tuple(row["members"]), grants_in(row))
