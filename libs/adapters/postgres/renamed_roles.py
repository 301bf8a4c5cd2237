"""Renames the roles of an earlier release, with their rights, in a database that may hold data."""

import re
from collections.abc import Iterable

from libs.adapters.postgres.sessions import Connection
from libs.core.database_roles import RENAMED_ROLES
from libs.core.errors import ConfigurationError

_OLD_NAMES = re.compile(rf"\b({'|'.join(RENAMED_ROLES)})\b")

# Roles belong to the whole server, rights to one database. A role whose new name is free is renamed; if both exist,
# another database of the server is at this release already, or a dump of the earlier one was restored.
_FOUND = """
SELECT old.rolname::text AS old, names.current, role.oid IS NULL AS is_free
FROM unnest($1::text[], $2::text[]) AS names (old, current)
JOIN pg_roles old ON old.rolname = names.old LEFT JOIN pg_roles role ON role.rolname = names.current
WHERE role.oid IS NULL OR EXISTS (
    SELECT FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND refobjid = old.oid
    AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
)
"""
_CONNECTED = "SELECT DISTINCT usename::text FROM pg_stat_activity WHERE usename = ANY($1::text[]) ORDER BY 1"
_RIGHTS = """
SELECT right_on FROM (
    SELECT grantee, format('USAGE ON SCHEMA %I', nspname) AS right_on
    FROM pg_namespace, aclexplode(nspacl) WHERE nspname = 'moe'
    UNION ALL
    SELECT grantee, format(
        '%s ON %s %s', privilege_type, CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass
    ) FROM pg_class c, aclexplode(relacl) WHERE relnamespace = 'moe'::regnamespace
    UNION ALL
    SELECT grantee, format('%s (%I) ON TABLE %s', privilege_type, attname, attrelid::regclass)
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid, aclexplode(attacl)
    WHERE relnamespace = 'moe'::regnamespace
) AS granted WHERE grantee = (SELECT oid FROM pg_roles WHERE rolname = $1)
"""
_POLICIES = """
SELECT format('ALTER POLICY %I ON %I.%I TO %s', policyname, schemaname, tablename,
    (SELECT string_agg(quote_ident(each), ', ') FROM unnest(array_replace(roles, $1::name, $2::name)) AS each))
FROM pg_policies WHERE $1::name = ANY(roles)
"""
# Another database may still need the old role, or this owner may not manage roles. Here it has no rights any more.
_DROP = """
DO $$ BEGIN DROP ROLE {old};
EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege THEN NULL;
END $$
"""


def with_renamed_roles(sql: str) -> str:
    """The text with today's role names.

    Migrations that were applied anywhere keep their text, and an owner that may not create roles finds these only.
    """
    return _OLD_NAMES.sub(lambda found: RENAMED_ROLES[found[0]], sql)


async def rename_roles(owner: Connection) -> None:
    """Give the roles of an earlier release their new names. Idempotent; for a transaction.

    A renamed role cannot log in until its password is set: the old one was derived from the old name. Raises
    ConfigurationError while a session of an old role is open: its process would fail at its next login.
    """
    found = await owner.fetch(_FOUND, list(RENAMED_ROLES), list(RENAMED_ROLES.values()))
    await _require_stopped(owner, [row["old"] for row in found])
    for row in found:
        if row["is_free"]:
            await owner.execute(f"ALTER ROLE {row['old']} RENAME TO {row['current']}")
            await owner.execute(f"ALTER ROLE {row['current']} NOLOGIN")
        else:
            await _move_rights(owner, row["old"], row["current"])
            await owner.execute(_DROP.format(old=row["old"]))


async def _require_stopped(owner: Connection, roles: Iterable[str]) -> None:
    if connected := await owner.fetch(_CONNECTED, list(roles)):
        names = ", ".join(row["usename"] for row in connected)
        raise ConfigurationError(
            f"POSTGRES_CHECKPOINT_URL: processes of an earlier release are connected ({names}); stop the fleet, "
            "end sessions that a connection pooler holds, then run `moe migrate` again"
        )


async def _move_rights(owner: Connection, old: str, current: str) -> None:
    for (right,) in await owner.fetch(_RIGHTS, old):
        await owner.execute(f"GRANT {right} TO {current}; REVOKE {right} FROM {old}")
    for (statement,) in await owner.fetch(_POLICIES, old, current):
        await owner.execute(statement)
