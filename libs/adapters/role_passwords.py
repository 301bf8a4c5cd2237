"""Whose passwords the database's roles have: setting others shuts out whoever runs with the key that made them."""

from typing import Literal

import asyncpg

from libs.adapters.postgres import CONNECT_TIMEOUT_S, Connection, checked_address
from libs.adapters.postgres_role import JOURNAL_ROLE, ROLES, allow_login
from libs.adapters.role_login import PasswordSource, current_password, passwords_of, with_passwords

Passwords = Literal["none", "ours", "another key's"]
REPLACE = "`moe migrate --replace-passwords` as the owner makes it the key, and shuts out whatever runs with the other"
NOT_THE_KEY = f"MOE_DATABASE_KEY: this is not the key that the database was set up with; give that one. {REPLACE}"
_MAY_LOG_IN = "SELECT rolcanlogin FROM pg_roles WHERE rolname = $1"


async def may_log_in(session: Connection, role: str) -> bool:
    """Return whether a role was ever let in: migrations make it without a login. Anybody may ask."""
    return bool(await session.fetchval(_MAY_LOG_IN, role))


async def passwords_in(owner: Connection, url: str, passwords: PasswordSource) -> Passwords:
    """Return which key the passwords are made of, judged by the role that was there first.

    Those of a key that is accepted beside the current one count as ours. A server that asks for no password, or lets
    the role in from elsewhere alone, does too. Raises asyncpg's errors and ConfigurationError.
    """
    if not await may_log_in(owner, JOURNAL_ROLE):
        return "none"

    async def log_in(password: str) -> Connection:
        return await asyncpg.connect(
            checked_address(url), user=JOURNAL_ROLE, password=password, timeout=CONNECT_TIMEOUT_S
        )

    try:
        session = await with_passwords(passwords_of(passwords, JOURNAL_ROLE), log_in)
    except asyncpg.InvalidPasswordError:
        return "another key's"
    except asyncpg.InvalidAuthorizationSpecificationError:
        return "ours"
    await session.close(timeout=CONNECT_TIMEOUT_S)
    return "ours"


async def let_roles_in(owner: Connection, passwords: PasswordSource) -> None:
    """Let every role of the fleet log in with the password made of this key. May be repeated."""
    for role in ROLES:
        await allow_login(owner, role, current_password(passwords, role))
