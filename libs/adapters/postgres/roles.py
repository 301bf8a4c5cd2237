"""Database roles: one for each kind of work, none with more rights than its work needs."""

import base64
import hashlib
import hmac

from libs.adapters.postgres.sessions import Connection, Session
from libs.core.errors import ConfigurationError

# Passwords are derived from the root of the database, which operators and the database's owner hold; a service holds
# those of its own roles. The owner sets them as SCRAM verifiers, so that no statement log ever shows them.
JOURNAL_ROLE = "moe_journal"  # adds rows
SEALER_ROLE = "moe_sealer"  # chains rows, without reading their content
READER_ROLE = "moe_reader"  # reads the rows of one tenant
AUDITOR_ROLE = "moe_auditor"  # reads the rows of all tenants
ERASER_ROLE = "moe_eraser"  # erases content, stores legal holds
WRITE_AHEAD_ROLE = "moe_write_ahead"  # stores accepted requests if the broker does not
RESTORER_ROLE = "moe_restorer"  # reads accepted requests of all tenants, for recovery
SUBJECT_KEYS_ROLE = "moe_subject_keys"  # reads and makes keys of data subjects, for key-value entries
AUTHENTICATOR_ROLE = "moe_authenticator"  # reads the directory and the templates
DIRECTORY_ADMIN_ROLE = "moe_directory_admin"  # writes the directory, tenant by tenant
USAGE_ROLE = "moe_usage"  # records usage
BUDGET_LEASE_ROLE = "moe_budget_lease"  # leases budgets to gateways
BUDGET_ADMIN_ROLE = "moe_budget_admin"  # sets the budgets of one tenant, reads its usage
TOOL_ADMIN_ROLE = "moe_tool_admin"  # disables and enables tools
KEY_ROTATOR_ROLE = "moe_key_rotator"  # wraps subjects' keys under another root
ROLES = (
    JOURNAL_ROLE,
    SEALER_ROLE,
    READER_ROLE,
    AUDITOR_ROLE,
    ERASER_ROLE,
    WRITE_AHEAD_ROLE,
    RESTORER_ROLE,
    SUBJECT_KEYS_ROLE,
    AUTHENTICATOR_ROLE,
    DIRECTORY_ADMIN_ROLE,
    USAGE_ROLE,
    BUDGET_LEASE_ROLE,
    BUDGET_ADMIN_ROLE,
    TOOL_ADMIN_ROLE,
    KEY_ROTATOR_ROLE,
)
_ITERATIONS = 4096  # Postgres' own default; the password has 256 bits, so more would add nothing
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


def derived_password(key: str, role: str) -> str:
    """HMAC-SHA256 of the role's name under the root of the database, hex. Raises ConfigurationError without a root."""
    if not key:
        raise ConfigurationError(f"MOE_DATABASE_KEY: not set; the password of the role {role} is derived from it")
    return hmac.new(key.encode(), f"postgres role {role}".encode(), hashlib.sha256).hexdigest()


def scram_verifier(password: str, salt: bytes) -> str:
    """The form that Postgres stores (RFC 5802, SCRAM-SHA-256); `password` must be ASCII."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, _ITERATIONS)
    stored_key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(part).decode("ascii") for part in (salt, stored_key, server_key)]
    return f"SCRAM-SHA-256${_ITERATIONS}:{encoded[0]}${encoded[1]}:{encoded[2]}"


def salt_of(password: str) -> bytes:
    """Always the same salt for a password: setting it again must not change the verifier.

    Connection poolers log in with the verifier. The server shows the salt to clients; 256 random bits need none to be
    safe.
    """
    return hmac.digest(password.encode("ascii"), b"postgres scram salt", "sha256")[:16]


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
