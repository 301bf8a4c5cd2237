"""Passwords of the database roles: all derived from the root, or those of a process's own roles."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias, TypeVar

import asyncpg

from libs.adapters.postgres.connection import connect
from libs.adapters.postgres.renamed_roles import RENAMED_ROLES
from libs.adapters.postgres.roles import ROLES, derived_password
from libs.adapters.postgres.sessions import Connection
from libs.core.errors import ConfigurationError
from libs.core.key_roots import RootKeys

VARIABLE = "MOE_DATABASE_PASSWORDS"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RolePasswords:
    """Passwords by role, in the order to try; two during a rotation."""

    known: Mapping[str, tuple[str, ...]] = field(repr=False)

    @classmethod
    def derived(cls, keys: RootKeys) -> Self:
        """The passwords of every role."""
        return cls({role: tuple(derived_password(key, role) for key in keys.all) for role in ROLES})

    @classmethod
    def read(cls, text: str) -> Self:
        """Parse `role=password,…`. Raises ConfigurationError, which repeats no password."""
        known: dict[str, tuple[str, ...]] = {}
        for entry in filter(None, (part.strip() for part in text.split(","))):
            role, equals, password = entry.partition("=")
            if role in RENAMED_ROLES:
                raise ConfigurationError(
                    f"{VARIABLE}: {role} was renamed: give {RENAMED_ROLES[role]} and its new password, as "
                    "`moe secrets show --service … --env` prints them"
                )
            if role not in ROLES or not equals or not password:
                raise ConfigurationError(f"{VARIABLE}: is no list like moe_reader=…,moe_sealer=…")
            known[role] = (*known.get(role, ()), password)
        return cls(known)

    def only(self, roles: Iterable[str]) -> "RolePasswords":
        """Limited to these roles; roles without a password are missing."""
        return RolePasswords({role: self.known[role] for role in roles if role in self.known})

    def as_text(self) -> str:
        """In the format of `read`."""
        return ",".join(f"{role}={each}" for role, passwords in self.known.items() for each in passwords)


PasswordSource: TypeAlias = RolePasswords | str  # passwords, or the root from which all of them are derived


def passwords_of(source: PasswordSource, role: str) -> tuple[str, ...]:
    """The passwords of a role, the current one first. Raises ConfigurationError if there is none."""
    if isinstance(source, str):
        return (derived_password(source, role),)
    if not (found := source.known.get(role, ())):
        raise ConfigurationError(f"{VARIABLE}: has no password of {role}; `moe secrets show --service … --env` has it")
    return found


async def with_passwords(passwords: tuple[str, ...], log_in: Callable[[str], Awaitable[T]]) -> T:
    """Log in with the first password that is accepted. Raises what the last one raises."""
    for password in passwords[:-1]:
        try:
            return await log_in(password)
        except asyncpg.InvalidPasswordError:
            continue
    return await log_in(passwords[-1])


def current_password(source: PasswordSource, role: str) -> str:
    """The password that logins are set to. Raises ConfigurationError if there is none."""
    return passwords_of(source, role)[0]


async def connect_with(passwords: tuple[str, ...], url: str, **options: Any) -> Connection:  # noqa: ANN401 - asyncpg's
    """`connect` of a pool: uses the first password that is accepted."""

    async def log_in(password: str) -> Connection:
        return await connect(url, **(options | {"password": password}))

    return await with_passwords(passwords, log_in)
