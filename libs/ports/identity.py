"""Who asks: people, their keys, and what they may use."""

from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

GrantKind = Literal[
    "expert_template", "model_endpoint", "moe_mode", "skill", "mcp_tool", "graph_tenant", "cc_profile", "feature"
]
GRANT_KINDS: tuple[GrantKind, ...] = get_args(GrantKind)
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Grants:
    """What somebody may use: nothing but what is listed. `*` stands for all of a kind, `*@node` for all of a node."""

    granted: frozenset[tuple[GrantKind, str]] = frozenset()

    def allow(self, kind: GrantKind, resource: str) -> bool:
        """Return whether `resource` may be used."""
        if (kind, resource) in self.granted or (kind, EVERYTHING) in self.granted:
            return True
        _, at, node = resource.rpartition("@")
        return bool(at) and (kind, f"{EVERYTHING}@{node}") in self.granted

    def allow_all(self, kind: GrantKind) -> bool:
        """Return whether every resource of a kind may be used."""
        return (kind, EVERYTHING) in self.granted

    def of(self, kind: GrantKind) -> frozenset[str]:
        """Return the resources of one kind that are listed by name."""
        return frozenset(resource for each, resource in self.granted if each == kind)


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """What one key may take: requests and tokens a minute, streams at once. 0: no limit of its own."""

    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    streams: int = 0


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a valid key. `key_id` is the public part of the key, `user` and `team` are ids, `team` empty for
    none; `profile` is the Claude Code profile that the key is bound to, empty for none."""

    tenant: str
    user: str
    key_id: str
    team: str = ""
    admin: bool = False
    grants: Grants = field(default_factory=Grants)
    limits: KeyLimits = field(default_factory=KeyLimits)
    profile: str = ""


class Authenticator(Protocol):
    """The keys that open the door."""

    def authenticate(self, key: str) -> Caller | None:
        """Return whose key this is, None for one that is unknown, expired or revoked.

        Neither waits nor reads anything; takes the same time whichever key is wrong. A revoked key is refused within
        five seconds. Raises Retryable when nobody can tell, because the directory was out of reach for too long.
        """
        ...
