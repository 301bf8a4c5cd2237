"""Passwords of the database's roles, as a process has them: all derived from the root, or those of its own roles."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias, TypeVar

import asyncpg

from libs.adapters.postgres.connection import connect
from libs.adapters.postgres.roles import ROLES, derived_password
from libs.adapters.postgres.sessions import Connection
from libs.core.errors import ConfigurationError
from libs.core.key_roots import RootKeys

VARIABLE = "MOE_DATABASE_PASSWORDS"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RolePasswords:
    """By role the passwords to try, in that order: during a rotation there are two."""

    known: Mapping[str, tuple[str, ...]] = field(repr=False)

    @classmethod
    def derived(cls, keys: RootKeys) -> Self:
        """Return the passwords of every role."""
        return cls({role: tuple(derived_password(key, role) for key in keys.all) for role in ROLES})

    @classmethod
    def read(cls, text: str) -> Self:
        """Return what `role=password,…` lists. Raises ConfigurationError, which repeats no password."""
        known: dict[str, tuple[str, ...]] = {}
        for entry in filter(None, (part.strip() for part in text.split(","))):
            role, equals, password = entry.partition("=")
            if role not in ROLES or not equals or not password:
                raise ConfigurationError(f"{VARIABLE}: is no list like moe_reader=…,moe_sealer=…")
            known[role] = (*known.get(role, ()), password)
        return cls(known)

    def only(self, roles: Iterable[str]) -> "RolePasswords":
        """Return the passwords of these roles alone."""
        return RolePasswords({role: self.known[role] for role in roles if role in self.known})

    def as_text(self) -> str:
        """Return what `read` takes."""
        return ",".join(f"{role}={each}" for role, passwords in self.known.items() for each in passwords)


PasswordSource: TypeAlias = RolePasswords | str  # passwords, or the one root that all of them are derived from


def passwords_of(source: PasswordSource, role: str) -> tuple[str, ...]:
    """Return the passwords of a role, the current one first. Raises ConfigurationError where there is none."""
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
    """Return the password of a role that logins are set to. Raises ConfigurationError where there is none."""
    return passwords_of(source, role)[0]


async def connect_with(passwords: tuple[str, ...], url: str, **options: Any) -> Connection:  # noqa: ANN401 - asyncpg's
    """Connect as a pool does, with the first password that is accepted."""

    async def log_in(password: str) -> Connection:
        return await connect(url, **(options | {"password": password}))

    return await with_passwords(passwords, log_in)
