"""Rights of the session's user, checked before it migrates or writes."""

from libs.adapters.postgres.sessions import Connection, Session
from libs.core.errors import ConfigurationError

_VARIABLE = "POSTGRES_CHECKPOINT_URL"
# Everything is checked for the session's user: RESET ROLE undoes a SET ROLE.
_MAY_MIGRATE = """
SELECT rolsuper OR CASE
    WHEN to_regnamespace('moe') IS NULL THEN has_database_privilege(session_user, current_database(), 'CREATE')
    ELSE pg_has_role(session_user, (SELECT nspowner FROM pg_namespace WHERE nspname = 'moe'), 'USAGE')
END
FROM pg_roles WHERE rolname = session_user
"""
_POWERS = """
SELECT array_remove(ARRAY[
    CASE WHEN rolsuper THEN 'is a superuser' END,
    CASE WHEN rolbypassrls THEN 'bypasses row-level security' END,
    CASE WHEN rolcreaterole THEN 'may create roles' END,
    CASE WHEN pg_has_role(session_user, relowner, 'MEMBER') THEN 'owns the journal' END,
    CASE WHEN has_any_column_privilege(session_user, c.oid, 'UPDATE') THEN 'may update rows' END,
    CASE WHEN has_table_privilege(session_user, c.oid, 'DELETE') THEN 'may delete rows' END,
    CASE WHEN has_table_privilege(session_user, c.oid, 'TRUNCATE') THEN 'may empty the table' END,
    CASE WHEN has_table_privilege(session_user, c.oid, 'TRIGGER') THEN 'may add triggers' END,
    CASE WHEN NOT has_any_column_privilege(session_user, c.oid, 'INSERT') THEN 'may not add rows' END,
    CASE WHEN NOT has_any_column_privilege(session_user, c.oid, 'SELECT') THEN 'may not read rows' END,
    CASE WHEN NOT c.relforcerowsecurity THEN 'meets a table without row-level security' END
], NULL) AS faults, session_user::text AS name
FROM pg_roles, pg_class c WHERE rolname = session_user AND c.oid = 'moe.journal'::regclass
"""


async def may_migrate(connection: Connection) -> bool:
    """True if this session owns the schema `moe`, or may create it."""
    return bool(await connection.fetchval(_MAY_MIGRATE))


async def require_append_only(connection: Session) -> None:
    """Raise ConfigurationError unless this session can add and read rows of the journal and do nothing else to it."""
    row = await connection.fetchrow(_POWERS)
    if row is None or row["faults"]:
        faults = ", ".join(row["faults"]) if row is not None else "is unknown"
        name = row["name"] if row is not None else "session user"
        raise ConfigurationError(f"{_VARIABLE}: role {name} {faults}; give one that may only insert and select")
