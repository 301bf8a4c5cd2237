"""Failed authentication: counted, audited and throttled by address and by key; valid keys are never throttled."""

import hashlib
import re
import secrets
from ipaddress import IPv6Address, ip_address

from starlette.types import Scope

from libs.core.api_keys import lookup_of
from libs.core.clock import Clock, SystemClock
from libs.core.failure_throttle import FailureThrottle
from libs.core.security_events import SecurityEvent, SecurityReason
from libs.runtime.process.security_audit import SecurityAudit

FAILURES_PER_MINUTE = 240
_KEY_SHARE = 4  # one key may fail a quarter as often as an address: many users may share an address
_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_IPV6_PREFIX = 8  # bytes: a household has a /64


class AuthenticationGuard:
    """Records every failure. `per_minute` bounds those of one address, a quarter of it those of one key.

    A valid key is never throttled, whatever other requests its address sent: only failures reach the guard. The
    comparison with the valid keys precedes the guard, so the throttle does not change the time of a check.
    """

    def __init__(self, audit: SecurityAudit, per_minute: int = FAILURES_PER_MINUTE, clock: Clock | None = None) -> None:
        self.audit = audit
        self._clock = clock or SystemClock()
        self._addresses = FailureThrottle(per_minute)
        self._keys = FailureThrottle(max(1, per_minute // _KEY_SHARE))
        self._secret = secrets.token_bytes(32)  # the stored digest of a key reveals nothing about it

    def record_failure(self, key: str, scope: Scope, target: str) -> float:
        """Record a rejected key; return 0 for a plain rejection, or the seconds to wait (429).

        An empty key is counted and never throttled: it is no guess.
        """
        address = address_of(scope)
        if not key:
            self.audit.record(SecurityEvent(SecurityReason.KEY_MISSING, target, address=address))
            return 0.0
        now = self._clock.monotonic()
        wait_s = max(
            self._addresses.record_failure(_household(address), now),
            self._keys.record_failure(self._digest(key), now),
        )
        reason = SecurityReason.TOKEN_REJECTED if _TOKEN.fullmatch(key) else SecurityReason.KEY_REJECTED
        if wait_s:
            reason = SecurityReason.AUTHENTICATION_THROTTLED
        self.audit.record(SecurityEvent(reason, target, _public_part(key), address=address))
        return wait_s

    def _digest(self, key: str) -> bytes:
        return hashlib.blake2b(key.encode(errors="replace"), digest_size=16, key=self._secret).digest()


def address_of(scope: Scope) -> str:
    """Peer address of a connection: that of a proxy, where there is one. Empty if unknown.

    A listener on `::` serves IPv4 as well, whose addresses it has as `::ffff:192.0.2.1`: all in one /64.
    """
    client = scope.get("client")
    address = str(client[0]) if client else ""
    if ":" not in address:
        return address
    try:
        mapped = IPv6Address(address).ipv4_mapped
    except ValueError:
        return address
    return address if mapped is None else str(mapped)


def _household(address: str) -> bytes:
    try:
        found = ip_address(address)
    except ValueError:
        return address.encode(errors="replace")
    return found.packed[:_IPV6_PREFIX] if isinstance(found, IPv6Address) else found.packed


def _public_part(key: str) -> str:
    """Empty for any text but a Fleet key: it may be a foreign password."""
    return lookup_of(key) or ""
