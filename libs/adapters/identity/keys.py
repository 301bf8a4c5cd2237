"""API keys in the directory. A key is returned once, at its creation, and stored as its digest."""

from typing import cast

import asyncpg

from libs.adapters.identity.directory_writer import DirectoryWriter, NotInDirectory
from libs.adapters.identity.users import grants_in
from libs.adapters.postgres.sessions import Session
from libs.core.api_keys import digest_of, lookup_of, new_api_key
from libs.ports.directory import Holder, KeyInfo, KeyState, NewKey
from libs.ports.identity import KeyLimits

_CREATE = """
INSERT INTO moe.api_keys (
    lookup, sha256, tenant, user_id, team_id, name, requests_per_minute, tokens_per_minute, streams, cc_profile, admin,
    expires_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now() + make_interval(secs => $12))
"""
_KEYS = """
SELECT k.lookup, k.tenant, u.name AS user, k.name, k.requests_per_minute, k.tokens_per_minute, k.streams, k.cc_profile,
    k.admin, extract(epoch FROM k.created_at)::float8 AS created_at,
    extract(epoch FROM k.expires_at)::float8 AS expires_at,
    CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.expires_at <= now() THEN 'expired'
        ELSE 'valid' END AS state,
    ARRAY(SELECT ARRAY[kind, resource] FROM moe.grants g WHERE g.lookup = k.lookup ORDER BY kind, resource) AS grants
FROM moe.api_keys k JOIN moe.users u USING (user_id) ORDER BY k.created_at, k.lookup
"""
_REVOKE = "UPDATE moe.api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE lookup = $1"
_EXPIRE = """
UPDATE moe.api_keys SET expires_at = least(expires_at, now() + make_interval(secs => $2)) WHERE lookup = $1
"""
# The same owner, rights and limits, and the same total lifetime.
_SUCCEED = """
INSERT INTO moe.api_keys (
    lookup, sha256, tenant, user_id, team_id, name, requests_per_minute, tokens_per_minute, streams, cc_profile, admin,
    expires_at
) SELECT $1, $2, tenant, user_id, team_id, name, requests_per_minute, tokens_per_minute, streams, cc_profile, admin,
    now() + (expires_at - created_at)
FROM moe.api_keys
WHERE lookup = $3 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) RETURNING lookup
"""
_INHERIT = """
INSERT INTO moe.grants (tenant, lookup, kind, resource, granted_by)
SELECT tenant, $1, kind, resource, $3 FROM moe.grants WHERE lookup = $2
"""


class Keys:
    def __init__(self, writer: DirectoryWriter) -> None:
        self._writer = writer

    async def create(self, wish: NewKey) -> str:
        """Create a key and return it; it cannot be read again. Raises NotInDirectory."""
        key = new_api_key()
        lookup = _lookup(key)
        async with self._writer.session() as session:
            user_id = await self._writer.id_of(session, Holder("user", wish.user))
            team_id = await self._writer.id_of(session, Holder("team", wish.team)) if wish.team else None
            limits = wish.limits
            numbers = (limits.requests_per_minute, limits.tokens_per_minute, limits.streams)
            owner = (self._writer.tenant, user_id, team_id, wish.name)
            rest = (wish.profile, wish.admin, wish.lifetime_s)
            await session.execute(_CREATE, lookup, digest_of(key), *owner, *numbers, *rest)
            await self._writer.record_audit(
                session, "key-created", lookup, f"for {user_id}{', admin' if wish.admin else ''}"
            )
        return key

    async def list(self) -> tuple[KeyInfo, ...]:
        """The keys of the tenant, the oldest first, including revoked and expired ones."""
        async with self._writer.session() as session:
            return tuple(_key_info(row) for row in await session.fetch(_KEYS))

    async def revoke(self, lookup: str) -> None:
        """Revoke a key for good. Raises NotInDirectory."""
        async with self._writer.session() as session:
            await self._writer.id_of(session, Holder("key", lookup))
            await session.execute(_REVOKE, lookup)
            await self._writer.record_audit(session, "key-revoked", lookup)

    async def rotate(self, lookup: str, grace_s: float = 0.0) -> str:
        """Return a successor with the same rights; the old key ends after `grace_s` seconds.

        Raises NotInDirectory, also for an expired key: a rotation prolongs no access that has ended.
        """
        key = new_api_key()
        successor = _lookup(key)
        async with self._writer.session() as session:
            if await session.fetchval(_SUCCEED, successor, digest_of(key), lookup) is None:
                raise NotInDirectory(
                    f"tenant {self._writer.tenant} has no key {lookup!r} that was not revoked and has not expired"
                )
            await session.execute(_INHERIT, successor, lookup, self._writer.actor)
            await self._end(session, lookup, grace_s)
            await self._writer.record_audit(session, "key-rotated", lookup, f"successor {successor}")
        return key

    async def _end(self, session: Session, lookup: str, grace_s: float) -> None:
        if grace_s > 0:
            await session.execute(_EXPIRE, lookup, grace_s)
        else:
            await session.execute(_REVOKE, lookup)


def _lookup(key: str) -> str:
    lookup = lookup_of(key)
    assert lookup is not None, "a new key has the form of a key"
    return lookup


def _key_info(row: asyncpg.Record) -> KeyInfo:
    return KeyInfo(
        lookup=row["lookup"],
        tenant=row["tenant"],
        user=row["user"],
        name=row["name"],
        state=cast(KeyState, row["state"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        limits=KeyLimits(row["requests_per_minute"], row["tokens_per_minute"], row["streams"]),
        profile=row["cc_profile"],
        admin=row["admin"],
        grants=grants_in(row),
    )
