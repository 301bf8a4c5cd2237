"""Addresses of Postgres: servers, of which one takes writes, and an optional connection pooler."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from libs.core.errors import ConfigurationError

VARIABLE = "POSTGRES_CHECKPOINT_URL"
_PARTS = re.compile(r"(postgres(?:ql)?)://([^/?#]*)(/[^?#]*)?(?:\?([^#]*))?")
_POOL_MODE = "pool_mode"
_POOL_MODES = ("session", "transaction")
_TARGET = "target_session_attrs"


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """`urls`: one for each server, in asyncpg's form. `pool_mode`: that of the pooler, empty without one."""

    urls: tuple[str, ...]
    pool_mode: str = ""

    @property
    def has_sessions(self) -> bool:
        """True if prepared statements, locks and LISTEN outlive a transaction."""
        return self.pool_mode != "transaction"

    @classmethod
    def parse(cls, url: str) -> Self:
        """Parse `postgresql://user@host:port,host:port/database?option=…`; hosts may be options too, as in libpq.

        Among several servers the default is the one that takes writes; `target_session_attrs` chooses another. Raises
        ConfigurationError, which never repeats the address: it may hold a password.
        """
        if not url:
            text = "not set; give an address such as postgresql://user@127.0.0.1:5432/moe"
            raise ConfigurationError(f"{VARIABLE}: {text}")
        found = _PARTS.fullmatch(url)
        if found is None or not (found[2] or found[4] or (found[3] or "").strip("/")):
            raise ConfigurationError(f"{VARIABLE}: not a postgresql:// or postgres:// address")
        scheme, place, path, query = found[1], found[2], found[3] or "", found[4] or ""
        options = dict(parse_qsl(query, keep_blank_values=True))
        pool_mode = options.pop(_POOL_MODE, "")
        if pool_mode not in ("", *_POOL_MODES):
            raise ConfigurationError(f"{VARIABLE}: {_POOL_MODE} is none of {', '.join(_POOL_MODES)}")
        login, at, hosts = place.rpartition("@")
        servers = _servers(hosts, options)
        if len(servers) == 1 and not pool_mode:
            return cls((_checked(url),))
        if len(servers) > 1:
            options.setdefault(_TARGET, "read-write")
        urls = tuple(_url(f"{scheme}://{login}{at}{host}{path}", options | more) for host, more in servers)
        return cls(urls, pool_mode)


def _servers(hosts: str, options: dict[str, str]) -> Sequence[tuple[str, dict[str, str]]]:
    """Host and options for the address of each server."""
    if hosts or "," not in options.get("host", ""):
        if "," in hosts and not all(hosts.split(",")):
            raise ConfigurationError(f"{VARIABLE}: one of its hosts is empty")
        return [(host, {}) for host in hosts.split(",")]
    named = options.pop("host").split(",")
    ports = [port for port in options.pop("port", "").split(",") if port] or ["5432"]
    if len(ports) not in (1, len(named)):
        raise ConfigurationError(f"{VARIABLE}: names {len(named)} hosts, but {len(ports)} ports")
    each = ports if len(ports) == len(named) else ports * len(named)
    return [("", {"host": host, "port": port}) for host, port in zip(named, each, strict=True)]


def _url(start: str, options: dict[str, str]) -> str:
    return _checked(f"{start}?{urlencode(options)}" if options else start)


def _checked(url: str) -> str:
    try:
        _ = urlsplit(url).port
    except ValueError as error:
        raise ConfigurationError(f"{VARIABLE}: not an address with valid hosts and ports") from error
    return url
