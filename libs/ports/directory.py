"""Directory entries: tenants, users, teams and keys."""

from dataclasses import dataclass, field
from typing import Literal

from libs.ports.identity import GrantKind, KeyLimits

KeyState = Literal["valid", "expired", "revoked"]
HolderKind = Literal["user", "team", "key"]


@dataclass(frozen=True, slots=True)
class Tenant:
    """`tenant` is the identifier; `title` is the display name."""

    tenant: str
    title: str


@dataclass(frozen=True, slots=True)
class Grant:
    """Permission to use one resource."""

    kind: GrantKind
    resource: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Holder of a grant: a user or a team, by id or by name, or the public part of a key."""

    kind: HolderKind
    name: str


@dataclass(frozen=True, slots=True)
class User:
    """`user_id` is part of requests; `name` stays in the directory. `teams` are names, `grants` the user's own."""

    user_id: str
    tenant: str
    name: str
    disabled: bool = False
    teams: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class Team:
    """`members` are user names."""

    team_id: str
    tenant: str
    name: str
    members: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to create. `user` is an id or a name. `lifetime_s` None: the key does not expire."""

    user: str
    name: str = ""
    team: str = ""
    lifetime_s: float | None = None
    limits: KeyLimits = field(default_factory=KeyLimits)
    profile: str = ""
    admin: bool = False


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """Public facts of a key, never the key itself. Times are Unix seconds; `expires_at` None: never."""

    lookup: str
    tenant: str
    user: str
    name: str
    state: KeyState
    created_at: float
    expires_at: float | None
    limits: KeyLimits
    profile: str
    admin: bool
    grants: tuple[Grant, ...] = ()
