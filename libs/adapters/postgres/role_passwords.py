"""Passwords that the database roles are set to."""

from typing import Literal

import asyncpg

from libs.adapters.postgres.connection import connect, with_passwords
from libs.adapters.postgres.sessions import CONNECT_TIMEOUT_S, DURABLY, Connection
from libs.core.database_roles import JOURNAL_ROLE, ROLES, salt_of, scram_verifier
from libs.runtime.settings.role_passwords import PasswordSource, current_password, passwords_of

Passwords = Literal["none", "current", "accepted", "another key's"]
REPLACE = "`moe migrate --replace-passwords` as the owner makes it the key, and shuts out whatever runs with the other"
NOT_THE_KEY = f"MOE_DATABASE_KEY: this is not the key that the database was set up with; give that one. {REPLACE}"
_NEW_ROLES = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = ANY($1::text[]) AND NOT rolcanlogin)"
_MAY_LOG_IN = "SELECT rolcanlogin FROM pg_roles WHERE rolname = $1"


async def may_log_in(session: Connection, role: str) -> bool:
    """False for a role that a migration created without a login. Needs no privilege."""
    return bool(await session.fetchval(_MAY_LOG_IN, role))


async def passwords_in(owner: Connection, url: str, passwords: PasswordSource) -> Passwords:
    """Which key the passwords derive from, judged by the oldest role.

    `accepted`: a key accepted beside the current one, or a server that admits the role only from elsewhere. A server
    that requires no password counts as `current`. Raises asyncpg's errors and ConfigurationError.
    """
    if not await may_log_in(owner, JOURNAL_ROLE):
        return "none"

    async def log_in(password: str) -> Passwords:
        session = await connect(url, user=JOURNAL_ROLE, password=password)
        await session.close(timeout=CONNECT_TIMEOUT_S)
        return "current" if password == current_password(passwords, JOURNAL_ROLE) else "accepted"

    try:
        return await with_passwords(passwords_of(passwords, JOURNAL_ROLE), log_in)
    except asyncpg.InvalidPasswordError:
        return "another key's"
    except asyncpg.InvalidAuthorizationSpecificationError:
        return "accepted"


async def set_role_passwords(owner: Connection, passwords: PasswordSource) -> None:
    """Set the passwords of all roles of the fleet, or of none, to those of this key. Idempotent.

    Locks out processes that run with another key.
    """
    current = {role: current_password(passwords, role) for role in ROLES}
    verifiers = {role: scram_verifier(password, salt_of(password)) for role, password in current.items()}
    async with owner.transaction():
        await owner.execute(f"SELECT pg_advisory_xact_lock(hashtext('roles of the fleet')), {DURABLY}")
        await owner.execute("".join(f"ALTER ROLE {role} LOGIN PASSWORD '{verifiers[role]}';" for role in ROLES))


async def set_new_role_passwords(owner: Connection, passwords: PasswordSource) -> None:
    """Calls `set_role_passwords` if a migration has created a role that cannot log in yet."""
    if await owner.fetchval(_NEW_ROLES, ROLES):
        await set_role_passwords(owner, passwords)
