"""Database roles: one for each kind of work, none with more rights than its work needs."""

import base64
import hashlib
import hmac

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
# Names of an earlier release, and what became of them.
RENAMED_ROLES = {
    "moe_acceptor": WRITE_AHEAD_ROLE,
    "moe_noter": SUBJECT_KEYS_ROLE,
    "moe_doorkeeper": AUTHENTICATOR_ROLE,
    "moe_registrar": DIRECTORY_ADMIN_ROLE,
    "moe_bookkeeper": USAGE_ROLE,
    "moe_cashier": BUDGET_LEASE_ROLE,
    "moe_treasurer": BUDGET_ADMIN_ROLE,
    "moe_toolkeeper": TOOL_ADMIN_ROLE,
}
_ITERATIONS = 4096  # Postgres' own default; the password has 256 bits, so more would add nothing


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
