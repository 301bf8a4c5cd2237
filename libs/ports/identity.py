"""Callers, their API keys and their grants."""

from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

GrantKind = Literal[
    "expert_template", "model_endpoint", "moe_mode", "skill", "mcp_tool", "graph_tenant", "cc_profile", "feature"
]
GRANT_KINDS: tuple[GrantKind, ...] = get_args(GrantKind)
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Grants:
    """An allow list. `*` grants all resources of a kind, `*@node` all of one node."""

    granted: frozenset[tuple[GrantKind, str]] = frozenset()

    def allow(self, kind: GrantKind, resource: str) -> bool:
        if (kind, resource) in self.granted or (kind, EVERYTHING) in self.granted:
            return True
        _, at, node = resource.rpartition("@")
        return bool(at) and (kind, f"{EVERYTHING}@{node}") in self.granted

    def allow_all(self, kind: GrantKind) -> bool:
        return (kind, EVERYTHING) in self.granted

    def of(self, kind: GrantKind) -> frozenset[str]:
        """Resources of one kind that are listed by name."""
        return frozenset(resource for each, resource in self.granted if each == kind)


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """Limits of one key: requests and tokens per minute, concurrent streams. 0: no limit of its own."""

    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    streams: int = 0


@dataclass(frozen=True, slots=True)
class Caller:
    """The holder of a valid key. `key_id` is the public part of the key, `user` and `team` are ids, `team` empty for
    none.

    `profile` is the Claude Code profile that the key is bound to, empty for none.
    """

    tenant: str
    user: str
    key_id: str
    team: str = ""
    admin: bool = False
    grants: Grants = field(default_factory=Grants)
    limits: KeyLimits = field(default_factory=KeyLimits)
    profile: str = ""


class Authenticator(Protocol):
    """Authenticates API keys."""

    def authenticate(self, key: str) -> Caller | None:
        """None for an unknown, expired or revoked key.

        Never waits, does no I/O, and takes the same time for every wrong key. A revoked key is rejected within five
        seconds. Raises Retryable after the directory has been unavailable for too long.
        """
        ...
