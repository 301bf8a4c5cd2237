"""Reads keys and their grants from the directory in Postgres."""

import math
from collections.abc import AsyncIterator, Sequence

import asyncpg

from libs.adapters.identity.directory_snapshot import KnownKey
from libs.adapters.postgres.sessions import Connection
from libs.ports.identity import GRANT_KINDS, Caller, Grants, KeyLimits

MANY = 1000  # from this number of changed users on, everything is read
_PREFETCH = 500
# `everybody`: a change names no user, team or key, or the reader is older than the stored changes.
_TOUCHED = """
WITH changes AS (SELECT user_id, team_id, lookup FROM moe.directory_changes WHERE version > $1),
named AS (
    SELECT user_id FROM changes WHERE user_id IS NOT NULL
    UNION SELECT m.user_id FROM changes c JOIN moe.memberships m ON m.team_id = c.team_id
    UNION SELECT k.user_id FROM changes c JOIN moe.api_keys k ON k.lookup = c.lookup
)
SELECT coalesce((SELECT min(version) FROM moe.directory_changes) > $1 + 1, true)
    OR EXISTS (SELECT FROM changes WHERE num_nonnulls(user_id, team_id, lookup) = 0) AS everybody,
    ARRAY(SELECT user_id FROM named LIMIT $2) AS users
"""
_KEYS = """
SELECT k.lookup, k.sha256, k.tenant, k.user_id, extract(epoch FROM k.expires_at)::float8 AS expires_at,
    k.requests_per_minute, k.tokens_per_minute, k.streams, k.cc_profile, k.admin,
    coalesce((
        SELECT m.team_id FROM moe.memberships m WHERE m.user_id = k.user_id
        ORDER BY (m.team_id = k.team_id) IS TRUE DESC, m.since, m.team_id LIMIT 1
    ), '') AS team,
    ARRAY(
        SELECT ARRAY[kind, resource] FROM moe.grants WHERE user_id = k.user_id
        UNION SELECT ARRAY[kind, resource] FROM moe.grants WHERE lookup = k.lookup
        UNION SELECT ARRAY[g.kind, g.resource] FROM moe.memberships m JOIN moe.grants g ON g.team_id = m.team_id
            WHERE m.user_id = k.user_id
        UNION SELECT ARRAY['graph_tenant', k.tenant]
        UNION SELECT ARRAY['graph_tenant', t.tenant || '/' || t.name]
            FROM moe.memberships m JOIN moe.teams t ON t.team_id = m.team_id WHERE m.user_id = k.user_id
        UNION SELECT ARRAY['graph_tenant', tenant] FROM moe.guests WHERE user_id = k.user_id
    ) AS granted
FROM moe.api_keys k JOIN moe.users u ON u.user_id = k.user_id
WHERE k.revoked_at IS NULL AND u.disabled_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
    AND ($1::text[] IS NULL OR k.user_id = ANY($1))
"""


async def users_changed_since(session: Connection, version: int) -> tuple[str, ...] | None:
    """The users whose keys must be read again, None for all users."""
    row = await session.fetchrow(_TOUCHED, version, MANY)
    if row is None or row["everybody"] or len(row["users"]) >= MANY:
        return None
    return tuple(row["users"])


async def keys_of(session: Connection, users: Sequence[str] | None) -> AsyncIterator[KnownKey]:
    """Valid keys of these users, None for all. Needs a transaction; reads by cursor, so other tasks run meanwhile."""
    same: dict[Grants, Grants] = {}  # many users have the same grants: stored once
    statement = await session.prepare(_KEYS, name="")  # a name would stay in a session that others share
    async for row in statement.cursor(users, prefetch=_PREFETCH):
        grants = _grants(row["granted"])
        yield _known(row, same.setdefault(grants, grants))


def _known(row: asyncpg.Record, grants: Grants) -> KnownKey:
    caller = Caller(
        tenant=row["tenant"],
        user=row["user_id"],
        key_id=row["lookup"],
        team=row["team"],
        admin=row["admin"],
        grants=grants,
        limits=KeyLimits(row["requests_per_minute"], row["tokens_per_minute"], row["streams"]),
        profile=row["cc_profile"],
    )
    return KnownKey(row["sha256"], caller, math.inf if row["expires_at"] is None else row["expires_at"])


def _grants(granted: Sequence[tuple[str, str]]) -> Grants:
    """Kinds that this version does not know grant nothing."""
    return Grants(frozenset((kind, resource) for kind, resource in granted if kind in GRANT_KINDS))
