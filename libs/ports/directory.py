"""What the directory tells about tenants, people, teams and keys, and what can be asked of it."""

from dataclasses import dataclass, field
from typing import Literal

from libs.ports.identity import GrantKind, KeyLimits

KeyState = Literal["valid", "expired", "revoked"]
HolderKind = Literal["user", "team", "key"]


@dataclass(frozen=True, slots=True)
class Tenant:
    """`tenant` is its name everywhere; `title` is for people."""

    tenant: str
    title: str


@dataclass(frozen=True, slots=True)
class Grant:
    """Something that may be used."""

    kind: GrantKind
    resource: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom something is granted to: a user or a team, by id or by name, or the public part of a key."""

    kind: HolderKind
    name: str


@dataclass(frozen=True, slots=True)
class User:
    """`user_id` travels with requests, `name` stays in the directory. `teams` are names, `grants` the user's own."""

    user_id: str
    tenant: str
    name: str
    disabled: bool = False
    teams: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class Team:
    """`members` are names of users."""

    team_id: str
    tenant: str
    name: str
    members: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to be made for a user, by id or by name. `lifetime_s` None: it does not expire."""

    user: str
    name: str = ""
    team: str = ""
    lifetime_s: float | None = None
    limits: KeyLimits = field(default_factory=KeyLimits)
    profile: str = ""
    admin: bool = False


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """What is told about a key, never the key. Times are Unix seconds; `expires_at` None: never."""

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
