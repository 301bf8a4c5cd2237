"""Accepted host names and origins: rejects requests that a foreign web page makes its visitor's browser send.

A name rebound to our address (DNS rebinding) arrives as `Host`, the page itself as `Origin`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
MISDIRECTED, FOREIGN = 421, 403
_SCHEMES = ("http", "https")


@dataclass(frozen=True, slots=True)
class KnownHosts:
    """`hosts` are names without port, None for any; `origins` are those allowed besides this machine's own."""

    hosts: frozenset[str] | None
    origins: frozenset[str]

    @classmethod
    def of(cls, bound_to: str, hosts: Iterable[str], origins: Iterable[str]) -> Self:
        """Hosts and origins of a server that listens on `bound_to`.

        Without configured hosts, a server that is not bound to loopback cannot know its names, so it accepts any. Keys
        and origins are still checked.
        """
        named = frozenset(host.lower() for host in hosts)
        known = named | LOOPBACK if named or bound_to in LOOPBACK else None
        return cls(known, frozenset(origin.lower().rstrip("/") for origin in origins))

    def refuses(self, headers: Iterable[tuple[bytes, bytes]]) -> int | None:
        """421 for a request to another host, 403 for one from a foreign page, None for all others."""
        sent = [(name, value) for name, value in headers if name in (b"host", b"origin")]
        named = [value for name, value in sent if name == b"host"]
        if len(named) != 1 or not self._is_ours(named[0].decode("latin-1")):
            return MISDIRECTED
        pages = (value.decode("latin-1").lower() for name, value in sent if name == b"origin")
        return None if all(map(self._is_welcome, pages)) else FOREIGN

    def _is_ours(self, host: str) -> bool:
        return self.hosts is None or _name_of(host.lower()) in self.hosts

    def _is_welcome(self, origin: str) -> bool:
        if origin in self.origins:
            return True
        scheme, _, place = origin.partition("://")
        return scheme in _SCHEMES and _name_of(place) in LOOPBACK


def _name_of(place: str) -> str:
    """The name in `name:port`, empty for anything else."""
    try:
        parts = urlsplit(f"//{place}")
        plain = parts.username is None and not (parts.path or parts.query or parts.fragment)
        return (parts.hostname or "") if plain and (parts.port is None or parts.port >= 0) else ""
    except ValueError:
        return ""
