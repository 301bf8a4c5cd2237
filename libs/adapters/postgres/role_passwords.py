"""Whose passwords the database's roles have: setting others shuts out whoever runs with the key that made them."""

from typing import Literal

import asyncpg

from libs.adapters.postgres.connection import connect
from libs.adapters.postgres.role_login import PasswordSource, current_password, passwords_of, with_passwords
from libs.adapters.postgres.roles import JOURNAL_ROLE, ROLES, salt_of, scram_verifier
from libs.adapters.postgres.sessions import CONNECT_TIMEOUT_S, DURABLY, Connection

Passwords = Literal["none", "current", "accepted", "another key's"]
REPLACE = "`moe migrate --replace-passwords` as the owner makes it the key, and shuts out whatever runs with the other"
NOT_THE_KEY = f"MOE_DATABASE_KEY: this is not the key that the database was set up with; give that one. {REPLACE}"
_NEW_ROLES = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = ANY($1::text[]) AND NOT rolcanlogin)"
_MAY_LOG_IN = "SELECT rolcanlogin FROM pg_roles WHERE rolname = $1"


async def may_log_in(session: Connection, role: str) -> bool:
    """Return whether a role was ever let in: migrations make it without a login. Anybody may ask."""
    return bool(await session.fetchval(_MAY_LOG_IN, role))


async def passwords_in(owner: Connection, url: str, passwords: PasswordSource) -> Passwords:
    """Return which key the passwords are made of, judged by the role that was there first.

    `accepted` are those of a key that is accepted beside the current one, and of a server that lets the role in from
    elsewhere alone. A server that asks for no password has the current ones. Raises asyncpg's errors and
    ConfigurationError.
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
    """Let every role of the fleet log in with the password made of this key: all of them, or none. May be repeated."""
    current = {role: current_password(passwords, role) for role in ROLES}
    verifiers = {role: scram_verifier(password, salt_of(password)) for role, password in current.items()}
    async with owner.transaction():
        await owner.execute(f"SELECT pg_advisory_xact_lock(hashtext('roles of the fleet')), {DURABLY}")
        await owner.execute("".join(f"ALTER ROLE {role} LOGIN PASSWORD '{verifiers[role]}';" for role in ROLES))


async def set_new_role_passwords(owner: Connection, passwords: PasswordSource) -> None:
    """Do that where a migration has made a role that cannot log in yet."""
    if await owner.fetchval(_NEW_ROLES, ROLES):
        await set_role_passwords(owner, passwords)
