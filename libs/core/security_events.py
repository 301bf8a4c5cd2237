"""Security events: their reasons and content, as `docs/security-events.md` lists them by OWASP ASVS 5.0, V16.3."""

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, ip_address, ip_network

from libs.core.ids import SYSTEM_TENANT
from libs.core.printable import DIRECTION_MARKS

MOST_CHARACTERS = 200
_UNSAFE = re.compile(rf"[\x00-\x1f\x7f-\x9f\u2028\u2029{DIRECTION_MARKS}\ud800-\udfff]")


class SecurityReason(StrEnum):
    """Reason of an event: a label of `moe_security_events_total`, and `reason` on `moe.audit`."""

    KEY_MISSING = "key_missing"
    KEY_REJECTED = "key_rejected"
    KEY_AMBIGUOUS = "key_ambiguous"
    TOKEN_REJECTED = "token_rejected"
    AUTHENTICATION_THROTTLED = "authentication_throttled"
    KEYS_UNAVAILABLE = "keys_unavailable"
    PERMISSION_DENIED = "permission_denied"
    ADMIN_REQUIRED = "admin_required"
    TOOL_DENIED = "tool_denied"
    TOOL_TOGGLED = "tool_toggled"
    TOOL_EFFECT = "tool_effect"
    TOOL_NETWORK = "tool_network"
    HOST_REJECTED = "host_rejected"
    ORIGIN_REJECTED = "origin_rejected"
    RATE_LIMITED = "rate_limited"
    BUDGET_EXCEEDED = "budget_exceeded"
    INTERNAL_ERROR = "internal_error"


COUNTED_ONLY = frozenset({SecurityReason.KEY_MISSING})  # health checks and browsers cause them constantly


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """One event. `actor` is the public part of a key, empty if unknown; `target` a route or a tool.

    `address` is the peer of the connection. No field may hold a secret or a part of a body.
    """

    reason: SecurityReason
    target: str
    actor: str = ""
    tenant: str = SYSTEM_TENANT
    address: str = ""


def one_line(text: str, most: int = MOST_CHARACTERS) -> str:
    """Cut at `most` characters and escape control and direction characters, so that text cannot leave its log line."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text[:most])


def network_of(address: str) -> str:
    """The network of an address, too coarse to identify a household: /24 for IPv4, /48 for IPv6. Empty for invalid
    text.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    prefix = 24 if isinstance(found, IPv4Address) else 48
    return str(ip_network((found, prefix), strict=False))
