"""Passwords of the database roles: all derived from the root, or those of a process's own roles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self, TypeAlias

from libs.core.database_roles import RENAMED_ROLES, ROLES, derived_password
from libs.core.errors import ConfigurationError
from libs.core.key_roots import RootKeys

VARIABLE = "MOE_DATABASE_PASSWORDS"


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


def current_password(source: PasswordSource, role: str) -> str:
    """The password that logins are set to. Raises ConfigurationError if there is none."""
    return passwords_of(source, role)[0]
